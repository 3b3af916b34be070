#!/bin/sh
# Tries S3 storage against a server that others wrote: moto, which checks signatures by botocore. It is
# started on a free port of this machine, and stopped at the end.
#
# usage: Scripts/try-s3.sh PYTHON COMMAND...
#
# PYTHON is one with moto[server] (python3 -m venv DIR; DIR/bin/pip install 'moto[server]'). COMMAND runs
# with the server and a key in its environment, and with a bucket's address in WORK_TEST_S3, e.g.
#   Scripts/try-s3.sh python3 swift test -c release --disable-xctest --skip-build --filter RealServer
#   Scripts/try-s3.sh python3 sh -c '.build/release/work cache push "$WORK_TEST_S3"'
set -eu
[ $# -ge 2 ] || { sed -n '5,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$1
shift
folder=$(mktemp -d)
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# The first calls, which make a user, a key and a bucket, need no signature; from then on all do.
# moto compares signatures with the decoded address, where Amazon's own client fails too for names with an
# @: so it is given the address as it was sent.
cat >"$folder/server.py" <<'PYTHON'
import sys
from flask import request
from moto.iam.access_control import IAMRequestBase
from moto.server import main
check = IAMRequestBase.check_signature
def check_as_sent(self):
    self._path = request.environ["RAW_URI"]
    check(self)
IAMRequestBase.check_signature = check_as_sent
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
PYTHON
INITIAL_NO_AUTH_ACTION_COUNT=4 "$python" "$folder/server.py" "$port" >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_REGION=us-east-1
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_S3 AWS_DEFAULT_REGION
export AWS_ACCESS_KEY_ID=nobody AWS_SECRET_ACCESS_KEY=nothing
"$python" - >"$folder/key" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import json, time, urllib.request, os, boto3
for _ in range(100):
    try:
        urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/moto-api/", timeout=1)
        break
    except OSError:
        time.sleep(0.1)
iam, s3 = (boto3.client(name, region_name="us-east-1") for name in ("iam", "s3"))
iam.create_user(UserName="salt")
allowed = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], "Resource": "*"}
iam.put_user_policy(UserName="salt", PolicyName="cache", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [allowed]}))
s3.create_bucket(Bucket="salt")
key = iam.create_access_key(UserName="salt")["AccessKey"]
print(key["AccessKeyId"], key["SecretAccessKey"])
PYTHON
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY <"$folder/key"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY WORK_TEST_S3=s3://salt
status=0
"$@" || status=$?
echo "requests that the server saw: $(grep -c ' HTTP/1' "$folder/log" || true), refused:" \
  "$(grep -c '" 40[013] ' "$folder/log" || true)" >&2
exit "$status"
