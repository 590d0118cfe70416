// One scenario for the AWS SDK for JavaScript v3. The endpoint and the region come from the environment.
const {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  ExpiredTokenException,
  GetCallerIdentityCommand,
  InvalidIdentityTokenException,
  MalformedPolicyDocumentException,
  STSClient,
} = require("@aws-sdk/client-sts");

const EXCEPTIONS = {
  ExpiredTokenException,
  InvalidIdentityToken: InvalidIdentityTokenException,
  MalformedPolicyDocument: MalformedPolicyDocumentException,
};

function clientOf({ Credentials: c }) {
  const credentials = { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken };
  return new STSClient({ credentials });
}

function logIn(given) {
  return new STSClient({}).send(
    new AssumeRoleWithSAMLCommand({
      RoleArn: given.role,
      PrincipalArn: given.provider,
      SAMLAssertion: given.assertion,
      Policy: given.policy,
    }),
  );
}

const SCENARIOS = {
  async login(given) {
    const answer = await logIn(given);
    return { arn: answer.AssumedRoleUser.Arn, subject: answer.Subject };
  },
  async refused(given) {
    try {
      await logIn(given);
    } catch (error) {
      const found = Object.entries(EXCEPTIONS).find(([, type]) => error instanceof type);
      return { caught: found ? found[0] : `another: ${error}` };
    }
    return { caught: "nothing" };
  },
  async identity(given) {
    const answer = await clientOf(await logIn(given)).send(new GetCallerIdentityCommand({}));
    return { arn: answer.Arn };
  },
  async chaining(given) {
    const request = { RoleArn: given.next, RoleSessionName: "audit" };
    const next = await clientOf(await logIn(given)).send(new AssumeRoleCommand(request));
    return { arn: (await clientOf(next).send(new GetCallerIdentityCommand({}))).Arn };
  },
};

const given = JSON.parse(require("fs").readFileSync(0, "utf-8"));
SCENARIOS[given.scenario](given).then((found) => console.log(JSON.stringify(found)));
