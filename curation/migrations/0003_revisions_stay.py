"""A saved revision can not be changed, whoever asks: snapshots name the revision that made them."""

from django.db import migrations

CREATE = """
CREATE FUNCTION policy_revisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policy revisions are immutable: save a new one' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER policy_revisions_stay BEFORE UPDATE ON policy_revisions
    FOR EACH ROW EXECUTE FUNCTION policy_revisions_stay();
"""
DROP = """
DROP TRIGGER IF EXISTS policy_revisions_stay ON policy_revisions;
DROP FUNCTION IF EXISTS policy_revisions_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("curation", "0002_default_policy")]
    operations = [migrations.RunSQL(CREATE, DROP)]
