// What every client does: lists the tools, calls them, and prints what it got as one line of JSON.
export async function visit(client, name, era) {
  const { tools } = await client.listTools();
  const call = (tool, args) => client.callTool({ name: tool, arguments: args });
  const asked = await call('ask', { question: 'how many customers do we have' });
  const listed = await call('list_questions', {});
  const run = await call('run_question', {
    question: 'tier_count', arguments: { tier: 'thriving' },
  });
  const wrong = await call('run_question', { question: 'tier_count', arguments: {} });
  let unknown = '';
  try {
    await call('drop_everything', {});
  } catch (error) {
    unknown = String(error.code ?? error.message);
  }
  console.log(JSON.stringify({
    name,
    era,
    server: client.getServerVersion?.(),
    tools: tools.map((tool) => ({
      name: tool.name, input: tool.inputSchema, readOnly: tool.annotations?.readOnlyHint,
    })),
    asked: asked.structuredContent,
    text: asked.content[0].text,
    questions: listed.structuredContent.questions.length,
    run: run.structuredContent,
    wrong: wrong.isError,
    unknown,
  }));
}
