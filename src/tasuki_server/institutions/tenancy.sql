-- SPDX-License-Identifier: Apache-2.0
-- 医療機関の判定 — which institution this transaction has proved to belong to. Idempotent.
CREATE SCHEMA IF NOT EXISTS tasuki;
REVOKE ALL ON SCHEMA tasuki FROM PUBLIC;
GRANT USAGE ON SCHEMA tasuki TO tasuki_app;

CREATE TABLE IF NOT EXISTS tasuki.tenancy_key (inner_key bytea NOT NULL, outer_key bytea NOT NULL);
REVOKE ALL ON tasuki.tenancy_key FROM PUBLIC, tasuki_app, tasuki_signin;

-- It runs with its owner's rights, as standing.sql's do and no other: it reads the key that the app role must not read, takes no
-- argument, builds no statement and answers with one identifier. The value it checks is uuid:hmac over the identifier
-- and this connection's process, so it cannot be made by whoever lacks the key, nor carried to another connection.
CREATE OR REPLACE FUNCTION tasuki.current_institution() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given text := current_setting('tasuki.institution', true);
    wanted bytea;
BEGIN
    IF given IS NULL OR given = '' THEN
        RETURN NULL;
    END IF;
    SELECT sha256(outer_key || sha256(inner_key || convert_to(left(given, 36) || ':' || pg_backend_pid(), 'UTF8')))
        INTO STRICT wanted FROM tasuki.tenancy_key;
    IF substr(given, 37) IS DISTINCT FROM ':' || encode(wanted, 'hex') THEN
        RAISE EXCEPTION 'no proof of institution' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN left(given, 36)::uuid;
END
$body$;
REVOKE ALL ON FUNCTION tasuki.current_institution() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tasuki.current_institution() TO tasuki_app;
