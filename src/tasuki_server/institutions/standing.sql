-- SPDX-License-Identifier: Apache-2.0
-- 人の判定 — who acts in a transaction of the portal and whose record is open, as it has proved. Idempotent.
GRANT USAGE ON SCHEMA tasuki TO tasuki_portal;

-- These run with their owner's rights, for the role of the portal alone: none takes an argument or builds a statement, and
-- each answers with identifiers. The first reads the key (see tenancy.sql): account, its own person, the open record's.
CREATE OR REPLACE FUNCTION tasuki.current_standing() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given text := current_setting('tasuki.standing', true);
    wanted bytea;
BEGIN
    IF given IS NULL OR given = '' THEN
        RETURN NULL;
    END IF;
    SELECT sha256(outer_key || sha256(inner_key || convert_to(left(given, 110) || ':' || pg_backend_pid(), 'UTF8')))
        INTO STRICT wanted FROM tasuki.tenancy_key;
    IF substr(given, 111) IS DISTINCT FROM ':' || encode(wanted, 'hex') THEN
        RAISE EXCEPTION 'no proof of a standing' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN string_to_array(left(given, 110), ',')::uuid[];
END
$body$;
REVOKE ALL ON FUNCTION tasuki.current_standing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tasuki.current_standing() TO tasuki_portal;

-- The three below know nobody where nothing is proved: of NULL there are no accounts and no people.

-- Accounts whose words may stand in the open record: one's own, its person's, and of those who stand in or did.
CREATE OR REPLACE FUNCTION tasuki.known_accounts() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    standing uuid[] := tasuki.current_standing();
BEGIN
    RETURN standing[1] || ARRAY(
        SELECT a.id FROM public.portal_account a WHERE a.person_id = standing[3]
        UNION ALL SELECT x.account_id FROM public.portal_proxy x WHERE x.person_id = standing[3]);
END
$body$;

-- People whose names stand there: those of these accounts, and for whom the account stands in.
CREATE OR REPLACE FUNCTION tasuki.known_people() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    standing uuid[] := tasuki.current_standing();
BEGIN
    RETURN standing[2:3] || ARRAY(
        SELECT a.person_id FROM public.portal_proxy x JOIN public.portal_account a ON a.id = x.account_id
        WHERE x.person_id = standing[3]
        UNION ALL SELECT x.person_id FROM public.portal_proxy x WHERE x.account_id = standing[1] AND x.revoked_at IS NULL);
END
$body$;

-- 処方箋の患者: known by the numbers of a card alone, which are compared as prescriptions.intake.identity_of makes them.
CREATE OR REPLACE FUNCTION tasuki.prescribed_as() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    standing uuid[] := tasuki.current_standing();
BEGIN
    RETURN ARRAY(
        SELECT p.id FROM public.eligibility_heldqualification h JOIN public.prescriptions_patient p
          ON p.insurer = regexp_replace(normalize(h.insurer_number, NFKC), '\s', '', 'g')
         AND p.symbol = regexp_replace(normalize(h.symbol, NFKC), '\s', '', 'g')
         AND p.number = regexp_replace(normalize(h.number, NFKC), '\s', '', 'g')
         AND p.branch = CASE WHEN h.branch = '' THEN ''
           ELSE lpad(regexp_replace(normalize(h.branch, NFKC), '\s', '', 'g'), 2, '0') END
        WHERE h.person_id = standing[3]);
END
$body$;

REVOKE ALL ON FUNCTION tasuki.known_accounts(), tasuki.known_people(), tasuki.prescribed_as() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tasuki.known_accounts(), tasuki.known_people(), tasuki.prescribed_as() TO tasuki_portal;
