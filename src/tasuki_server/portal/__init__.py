# SPDX-License-Identifier: Apache-2.0
"""本人の画面（ポータル） — a person's own record, consents and who looked, on the platform's side; no institution's tenant."""
