# SPDX-License-Identifier: Apache-2.0
"""画面の言葉（枠・サインイン） — the frame of every page, sign-in, registration, faults, errors and what was done."""

from __future__ import annotations

FRAME: dict[str, tuple[str, str]] = {
    "frame.brand": ("わたしの記録", "My record"),
    "frame.skip": ("本文へ", "Skip to the text"),
    "frame.leave": ("サインアウト", "Sign out"),
    "typed.title": ("保存していない入力があります", "There is something you have not saved"),
    "typed.unsaved": ("保存していない入力:", "Not saved:"),
    "typed.lost": ("移ると消えます。", "It is lost if you leave."),
    "typed.stay": ("戻って保存する", "Go back and save"),
    "typed.discard": ("捨てて移る", "Leave without saving"),
    "ended.title": ("入力はまだ保存していません", "What you wrote is not saved yet"),
    "ended.gone": (
        "サインインが終わりました。入力はこの画面に残っています。別のタブでサインインし、この画面に戻って「続ける」を押してください。",
        "Your sign-in has ended. What you wrote is still here. Sign in in another tab, come back and press “Go on”.",
    ),
    "ended.other": (
        "いまは別の人のサインイン、または別の人の記録になっています。入力はこの画面に残っています。元に戻してから「続ける」を押してください。",
        "Someone else is signed in now, or another person's record is open. What you wrote is still here. "
        "Change back, then press “Go on”.",
    ),
    "ended.away": (
        "サーバーにつながりません。入力はこの画面に残っています。少し待ってから「続ける」を押してください。",
        "The server cannot be reached. What you wrote is still here. Wait a moment, then press “Go on”.",
    ),
    "ended.enter": ("別のタブでサインイン", "Sign in in another tab"),
    "ended.again": ("続ける", "Go on"),
    "ended.back": ("画面に戻る", "Back to the page"),
    "ended.discard": ("入力を捨てる", "Discard what I wrote"),
    "frame.home": ("ホーム", "Home"),
    "frame.where": ("戻る", "Back"),
    "frame.stead": (
        "{name}さんの記録を、代理で見ています。",
        "You are seeing the record of {name} as a proxy.",
    ),
    "frame.waits": (
        "新しい端末が登録されました。断らなければ {at} から使えます。",
        "A new device was registered. Unless refused, it can be used from {at}.",
    ),
    "frame.waits_open": ("確かめる・断る", "Check or refuse"),
    "frame.own_again": ("自分の記録に戻る", "Back to my own record"),
    "frame.rehearsal": (
        "襷の試行環境です。出てくる人と記録はすべて架空です。",
        "This is a rehearsal of Tasuki. All people and records are made up.",
    ),
    "enter.title": ("サインイン", "Sign in"),
    "enter.what": (
        "病院や診療所が登録したあなたの記録と、だれがそれを見たかを確かめられます。",
        "See the record that clinics and hospitals keep of you, and who looked at it.",
    ),
    "enter.passkey": ("パスキーでサインイン", "Sign in with a passkey"),
    "enter.passkey_hint": (
        "登録した端末の指紋・顔・暗証番号を使います。",
        "Uses the fingerprint, face or PIN of the device you registered.",
    ),
    "enter.unable": (
        "このブラウザーではパスキーを使えません。ブラウザーを新しくするか、別の端末でお試しください。",
        "This browser cannot use passkeys. Update it, or try another device.",
    ),
    "enter.broken_off": (
        "端末での確認が終わりませんでした。もう一度ボタンを押してください。",
        "The device did not finish. Press the button once more.",
    ),
    "enter.script": (
        "パスキーを使うには、ブラウザーの JavaScript を有効にしてください。",
        "Passkeys need JavaScript; please switch it on in your browser.",
    ),
    "enter.register": ("はじめての登録・端末をなくしたとき", "Register, or replace a lost device"),
    "enter.lost": (
        "端末をなくしたら、医療機関の窓口で本人確認を受け、新しい登録コードを受け取ってください。",
        "If you lost your device, show who you are at a clinic's desk and ask for a new code.",
    ),
    "enter.demo": ("お試しのサインイン", "Sign-in of the demo"),
    "enter.demo_hint": (
        "お試しの人のコードを入れます。この機械だけで使えます（./tasuki portal people）。",
        "Enter the code of a demo person; it works on this machine only (./tasuki portal people).",
    ),
    "enter.demo_code": ("お試しのコード", "Demo code"),
    "enter.demo_enter": ("コードでサインイン", "Sign in with the code"),
    "register.title": ("利用登録", "Register"),
    "register.what": (
        "窓口で受け取った登録コードと生年月日を入れてください。次の画面で、この端末にパスキーを作ります。",
        "Enter the code you were given at the desk and your date of birth. Next, a passkey is made on this device.",
    ),
    "register.code": ("登録コード（16文字）", "Registration code (16 characters)"),
    "register.code_hint": (
        "本人確認をした医療機関が紙で渡します。7日間、1回だけ使えます。",
        "Given on paper by the clinic that checked who you are. It works once, within seven days.",
    ),
    "register.card": (
        "架空のマイナンバーカードの番号（試行）",
        "Number of a made-up My Number card (rehearsal)",
    ),
    "register.card_hint": (
        "カードの読取りの代わりです。登録コードがないときだけ入れます（例: DEMO-00001）。",
        "Stands in for reading the card. Only if you have no code (such as DEMO-00001).",
    ),
    "register.born": ("生年月日", "Date of birth"),
    "register.born_hint": (
        "例: 1980-04-01、昭和55年4月1日、S55.4.1",
        "Such as 1980-04-01",
    ),
    "register.next": ("次へ", "Next"),
    "register.back": ("サインインに戻る", "Back to sign-in"),
    "passkey.title": ("パスキーを作る", "Make a passkey"),
    "passkey.for": ("{name}さんの登録です。", "Registering {name}."),
    "passkey.again": (
        "前に登録した端末があります。新しい端末は{hours}時間後から使えます。それまで前の端末に知らせが出て、そこで認めるとすぐに使え、断ることもできます。",
        "You registered a device before. The new one can be used in {hours} hours. Until then the earlier device tells of it, and may admit it at once or refuse it.",
    ),
    "passkey.label": ("端末の名前（任意）", "Name of the device (optional)"),
    "passkey.label_hint": ("例: 自分のスマートフォン", "Such as: my phone"),
    "passkey.make": ("この端末にパスキーを作る", "Make a passkey on this device"),
    "passkey.make_hint": (
        "端末の画面の案内に従い、指紋・顔・暗証番号で確かめてください。指紋や顔はこのサービスに送られません。",
        "Follow your device and confirm with fingerprint, face or PIN. They are never sent to this service.",
    ),
    "waits.title": ("端末を登録しました。まだ使えません", "The device is registered; it cannot be used yet"),
    "waits.until": (
        "この端末は {at} から使えます。そのときにサインインすると、前の端末は使えなくなります。",
        "This device can be used from {at}. When you then sign in with it, the earlier devices stop working.",
    ),
    "waits.held": (
        "前の端末が手元にあれば、そこでサインインして「サインインに使う端末」で認めてください。すぐに使えます。",
        "If you have an earlier device, sign in there and admit this one under “Devices”. It works at once.",
    ),
    "waits.lost": (
        "前の端末をなくしたときは、そのままお待ちください。記録を急ぐときは医療機関に聞いてください。",
        "If it is lost, just wait. If you need your record sooner, ask the institution.",
    ),
    "prove.title": ("もう一度、本人確認", "Confirm that it is you"),
    "prove.what": (
        "大切な変更の前に、パスキーでもう一度確かめます。",
        "Before an important change, please use your passkey once more.",
    ),
    "prove.demo": (
        "お試しのコードでのサインインでは、この操作はできません。パスキーを登録してサインインしてください。",
        "This cannot be done with the demo's code. Register a passkey and sign in with it.",
    ),
    "fault.passkey": (
        "確認できませんでした。登録した端末で、もう一度お試しください。",
        "That could not be confirmed. Try again with a device you registered.",
    ),
    "fault.wait": (
        "失敗が続いています。しばらく待ってからお試しください。",
        "There were too many failures. Please wait a while.",
    ),
    "fault.code": ("そのコードは使えません。", "That code does not work."),
    "fault.born": (
        "生年月日を読み取れません。例のように入れてください。",
        "The date of birth cannot be read. Write it as in the example.",
    ),
    "fault.register": (
        "登録コードか生年月日が合わないか、コードの期限が切れています。続けて失敗すると、しばらく使えなくなります。",
        "The code or the date of birth does not fit, or the code is too old. After several failures you must wait.",
    ),
    "fault.card": (
        "カードの番号か生年月日が合わないか、カードが使えません。",
        "The card number or the date of birth does not fit, or the card is stopped.",
    ),
    "fault.late": (
        "登録の期限が切れたか、コードはもう使われています。はじめからやり直してください。",
        "This took too long, or the code has been used. Please begin again.",
    ),
    "fault.kinds": ("見せる情報を1つ以上選んでください。", "Choose at least one kind."),
    "fault.last_day": (
        "終わりの日を、今日以降の日付で入れてください。",
        "Give a last day of today or later.",
    ),
    "fault.refused": ("受け付けられませんでした。", "This was not accepted."),
    "fault.away": (
        "情報共有サービスにつながりません。何も変わっていません。あとでもう一度お試しください。",
        "The sharing service does not answer. Nothing has changed. Please try again later.",
    ),
    "fault.at": ("日時は、今より前を入れてください。", "The time must not lie in the future."),
    "fault.pressure": (
        "血圧は、最高40〜300・最低20〜200の整数で、最高が最低より大きくなるように入れてください。",
        "Enter whole numbers: upper 40 to 300, lower 20 to 200, the upper one larger.",
    ),
    "fault.weight": (
        "体重は0.5〜400 kgを、小数1桁までで入れてください。",
        "Enter 0.5 to 400 kg, with one decimal at most.",
    ),
    "fault.note": ("メモを1〜2000文字で入れてください。", "Write 1 to 2000 characters."),
    "fault.kind": ("記入の種類が分かりません。", "That kind of entry is not known."),
    "fault.proxy_day": (
        "代理の終わりの日を、今日から3年以内で入れてください。",
        "Give a last day within three years from today.",
    ),
    "fault.proxy_code": (
        "コードか生年月日が合わないか、期限が切れています。",
        "The code or the date of birth does not fit, or the code is too old.",
    ),
    "told.left": ("サインアウトしました。", "You are signed out."),
    "told.granted": ("同意を登録しました。", "Your consent is registered."),
    "told.not_granted": (
        "同意を登録できませんでした。何も変わっていません。あとでもう一度お試しください。",
        "Your consent could not be registered. Nothing has changed. Please try again later.",
    ),
    "told.withdrawn": (
        "同意を取り消しました。この医療機関は今から見られません。",
        "Your consent is withdrawn. From now on that institution cannot look.",
    ),
    "told.added": ("記入を保存しました。", "Your entry is kept."),
    "told.taken_back": ("記入を取り消しました。", "Your entry is taken back."),
    "told.passkey_added": ("端末を追加しました。", "The device is added."),
    "told.passkey_removed": ("端末を取り消しました。", "The device is removed."),
    "told.passkey_refused": (
        "新しい端末を断りました。その端末では、これからもサインインできません。",
        "The new device is refused. It will never sign in.",
    ),
    "told.last_passkey": (
        "最後の端末は取り消せません。先に別の端末を追加してください。",
        "The last device stays. Add another one first.",
    ),
    "told.session_ended": ("サインインを終わらせました。", "That sign-in has ended."),
    "told.proxy_begun": ("代理を始めました。", "You may now act as a proxy."),
    "told.proxy_ended": ("代理を終わらせました。", "The proxy has ended."),
    "error.400": ("送られた内容を読み取れませんでした", "That could not be read"),
    "error_do.400": ("入力を確かめて、もう一度お試しください。", "Check what you entered and try again."),
    "error.403": ("この操作はできません", "This is not possible"),
    "error_do.403": (
        "代理では開けない画面か、許されていない操作です。ホームから探してください。",
        "A proxy may not open this, or it is not allowed. Begin from the home page.",
    ),
    "error.404": ("見つかりません", "Not found"),
    "error_do.404": (
        "アドレスが違うか、あなたの記録にはありません。ホームから探してください。",
        "The address is wrong, or it is not in your record. Begin from the home page.",
    ),
    "error.500": ("こちらの側で問題が起きました", "Something went wrong on our side"),
    "error_do.500": (
        "入力した内容は保存されていません。しばらくしてからお試しください。",
        "Nothing was saved. Please try again in a while.",
    ),
    "error.503": ("情報共有サービスが、いま答えません", "The sharing service does not answer now"),
    "error_do.503": (
        "一部だけを見せると誤解のもとになるため、この画面は開けません。しばらくしてからお試しください。",
        "Showing a part might mislead, so this page stays shut. Please try again in a while.",
    ),
    "error.form": ("画面の有効期限が切れています", "This page is too old"),
    "error_do.form": (
        "前の画面に戻り、開き直してからもう一度お試しください。",
        "Go back, load the page anew and try again.",
    ),
    "error.number": ("お問い合わせの番号: {number}", "Number of this request: {number}"),
}
