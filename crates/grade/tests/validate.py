"""Whether documents are as a JSON Schema says: validate.py SCHEMA, and a document a line on standard input.

The exit status is 1 for the first that is not, with the reason, and 77 where there is no Python package `jsonschema`.
"""

import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
for number, line in enumerate(sys.stdin, 1):
    error = jsonschema.exceptions.best_match(kind(schema).iter_errors(json.loads(line)))
    if error:
        sys.exit(f"document {number}: {error.json_path}: {error.message[:500]}")
