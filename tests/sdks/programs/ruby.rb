# One scenario for the AWS SDK for Ruby v3. Version 3.168, of Debian 12, does not know AWS_ENDPOINT_URL_STS.
require "json"
require "aws-sdk-core"

def client(credentials = nil)
  given = credentials && Aws::Credentials.new(
    credentials.access_key_id, credentials.secret_access_key, credentials.session_token
  )
  Aws::STS::Client.new({ endpoint: ENV.fetch("AWS_ENDPOINT_URL_STS"), credentials: given }.compact)
end

def log_in(given)
  request = { role_arn: given["role"], principal_arn: given["provider"], saml_assertion: given["assertion"] }
  request[:policy] = given["policy"] if given["policy"]
  client.assume_role_with_saml(request)
end

def login(given)
  answer = log_in(given)
  { arn: answer.assumed_role_user.arn, subject: answer.subject }
end

def refused(given)
  log_in(given)
  { caught: "nothing" }
rescue Aws::STS::Errors::ExpiredTokenException
  { caught: "ExpiredTokenException" }
rescue Aws::STS::Errors::InvalidIdentityToken
  { caught: "InvalidIdentityToken" }
rescue Aws::STS::Errors::MalformedPolicyDocument
  { caught: "MalformedPolicyDocument" }
end

def identity(given)
  { arn: client(log_in(given).credentials).get_caller_identity.arn }
end

def chaining(given)
  session = client(log_in(given).credentials)
  answer = session.assume_role(role_arn: given["next"], role_session_name: "audit")
  { arn: client(answer.credentials).get_caller_identity.arn }
end

given = JSON.parse($stdin.read)
puts JSON.generate(send(given["scenario"], given))
