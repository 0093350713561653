// Calls InvokeEndpoint as an application would, with made-up credentials, and prints what came.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.CLIENT_MODULES, 'package.json'));
const { SageMakerRuntimeClient, InvokeEndpointCommand } =
  require('@aws-sdk/client-sagemaker-runtime');

// {url, calls: [{EndpointName, ContentType, Accept, Body}]}
const { url, calls } = JSON.parse(process.env.CLIENT_SETTINGS);
const client = new SageMakerRuntimeClient({
  endpoint: url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  maxAttempts: 1,
});

const answers = [];
for (const call of calls) {
  try {
    const answer = await client.send(new InvokeEndpointCommand(call));
    answers.push({
      status: answer.$metadata.httpStatusCode,
      type: answer.ContentType,
      variant: answer.InvokedProductionVariant,
      body: new TextDecoder().decode(answer.Body),
    });
  } catch (error) {
    answers.push({ status: error.$metadata?.httpStatusCode, error: error.name });
  }
}
console.log(JSON.stringify(answers));
