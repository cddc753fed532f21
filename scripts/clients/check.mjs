// Tools and structured output by clients from npm, as their READMEs write them: a table of client and feature.
//   cd scripts/clients && npm install && node check.mjs http://127.0.0.1:8080/v1 [MODEL]
// The model need not be able to use tools: calls are forced, so what is tried is the server and the client. A loop of
// three calls ends because the fourth answer may not call anything.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { generateText, streamText, Output, stepCountIs, tool } from "ai";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { tool as langchainTool } from "@langchain/core/tools";
import { Agent, run, tool as agentTool } from "@openai/agents";
import { setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled } from "@openai/agents";
import Instructor from "@instructor-ai/instructor";
import { z } from "zod";

const baseURL = process.argv[2] ?? "http://127.0.0.1:8080/v1";
const model = process.argv[3] ?? "cheshire-mini";
const apiKey = process.env.OPENAI_API_KEY ?? "none";
const Point = z.object({ x: z.number().int().min(0).max(99), ok: z.boolean() });
const parameters = {
  type: "object",
  properties: { x: { type: "integer", minimum: 0, maximum: 99 } },
  required: ["x"],
  additionalProperties: false,
};
const rows = [];

function demand(condition, what) {
  if (!condition) throw new Error(what);
}

async function check(client, feature, body) {
  let result = "works";
  try {
    await body();
  } catch (error) {
    result = "FAILS: " + String(error.message ?? error).split("\n")[0].slice(0, 90);
  }
  rows.push([client, feature, result]);
  console.log(`${client.padEnd(24)} ${feature.padEnd(34)} ${result}`);
}

// ---- openai
const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "Move." }];
const tools = [{ type: "function", function: { name: "go", parameters, strict: true } }];

await check("openai", "parse, zod", async () => {
  const answer = await openai.chat.completions.parse({
    model, messages, temperature: 0, max_tokens: 60, response_format: zodResponseFormat(Point, "point"),
  });
  Point.parse(answer.choices[0].message.parsed);
});
await check("openai", "json_object", async () => {
  const answer = await openai.chat.completions.create({
    model, messages, temperature: 0, max_tokens: 200, response_format: { type: "json_object" },
  });
  if (answer.choices[0].finish_reason === "stop") JSON.parse(answer.choices[0].message.content);
});
await check("openai", "tool required", async () => {
  const answer = await openai.chat.completions.create({
    model, messages, tools, tool_choice: "required", parallel_tool_calls: false,
  });
  demand(answer.choices[0].finish_reason === "tool_calls", "finish_reason " + answer.choices[0].finish_reason);
  JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments);
});
await check("openai", "tool, streamed", async () => {
  const stream = openai.chat.completions.stream({
    model, messages, tools, tool_choice: { type: "function", function: { name: "go" } },
  });
  const answer = await stream.finalChatCompletion();
  JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments);
});
await check("openai", "loop of three calls", async () => {
  const talk = [...messages];
  let calls = 0;
  for (;;) {
    const answer = await openai.chat.completions.create({
      model, messages: talk, tools, tool_choice: calls < 3 ? "required" : "none", parallel_tool_calls: false,
      max_tokens: 50, temperature: 0,
    });
    const message = answer.choices[0].message;
    talk.push(message);
    if (!message.tool_calls) break;
    for (const call of message.tool_calls) {
      calls++;
      talk.push({ role: "tool", tool_call_id: call.id, content: "done" });
    }
  }
  demand(calls === 3, calls + " calls");
});

// ---- ai with @ai-sdk/openai (chat) and @ai-sdk/openai-compatible
const providers = {
  "ai + openai.chat": createOpenAI({ baseURL, apiKey }).chat(model),
  "ai + openai-compatible": createOpenAICompatible({
    name: "cheshire", baseURL, apiKey, supportsStructuredOutputs: true,
  })(model),
};
for (const [name, chat] of Object.entries(providers)) {
  await check(name, "Output.object", async () => {
    const { output } = await generateText({
      model: chat, prompt: "Move.", temperature: 0, maxOutputTokens: 60, maxRetries: 0,
      output: Output.object({ schema: Point }),
    });
    Point.parse(output);
  });
  const go = () => tool({ inputSchema: z.object({ x: z.number().int().min(0).max(99) }), execute: async () => "done" });
  await check(name, "loop of three calls", async () => {
    let calls = 0;
    const answer = await generateText({
      model: chat, prompt: "Move.", temperature: 0, maxOutputTokens: 50, maxRetries: 0, tools: { go: go() },
      stopWhen: stepCountIs(6),
      prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber < 3 ? "required" : "none" }),
    });
    for (const step of answer.steps) calls += step.toolCalls.length > 0 ? 1 : 0;
    demand(calls === 3, calls + " steps with calls");
  });
  await check(name, "tool, streamed", async () => {
    const stream = streamText({
      model: chat, prompt: "Move.", maxOutputTokens: 60, maxRetries: 0, tools: { go: go() }, toolChoice: "required",
    });
    let called = false;
    for await (const part of stream.fullStream) {
      if (part.type === "error") throw part.error;
      called ||= part.type === "tool-call" && part.toolName === "go" && Number.isInteger(part.input.x);
    }
    demand(called, "no call");
  });
}
await check("ai + openai (default)", "responses", async () => {
  await generateText({ model: createOpenAI({ baseURL, apiKey })(model), prompt: "Hi", maxRetries: 0 });
});

// ---- LangChain
const langchain = new ChatOpenAI({
  model, apiKey, configuration: { baseURL }, temperature: 0, maxTokens: 60, maxRetries: 0,
});
for (const method of ["jsonSchema", "functionCalling", "jsonMode"]) {
  await check("@langchain/openai", "withStructuredOutput " + method, async () => {
    const answer = await langchain.withStructuredOutput(Point, { name: "point", method, includeRaw: true })
      .invoke("Move.");
    if (method !== "jsonMode") Point.parse(answer.parsed);
  });
}
await check("@langchain/openai", "bindTools", async () => {
  const schema = z.object({ x: z.number() });
  const go = langchainTool(async () => "done", { name: "go", description: "Goes.", schema });
  const answer = await langchain.bindTools([go], { tool_choice: "required" }).invoke("Move.");
  demand(answer.tool_calls.length > 0, "no call");
  const stream = await langchain.bindTools([go], { tool_choice: "go" }).stream("Move.");
  let all;
  for await (const chunk of stream) all = all ? all.concat(chunk) : chunk;
  demand(all.tool_calls[0].name === "go", "no call in the stream");
});

// ---- Instructor
for (const mode of ["TOOLS", "JSON_SCHEMA", "JSON", "FUNCTIONS"]) {
  await check("instructor", mode, async () => {
    const client = Instructor({ client: openai, mode });
    await client.chat.completions.create({
      model, messages, temperature: 0, max_tokens: 60, max_retries: 0,
      response_model: { schema: z.object({ x: z.number().int() }), name: "Point" },
    });
  });
}

// ---- OpenAI's agents
setTracingDisabled(true);
setDefaultOpenAIClient(openai);
setOpenAIAPI("chat_completions");
await check("@openai/agents", "a tool, then an answer", async () => {
  let calls = 0;
  const go = agentTool({
    name: "go", description: "Goes.", parameters: z.object({ x: z.number().int().min(0).max(9) }),
    execute: async () => {
      calls++;
      return "done";
    },
  });
  const agent = new Agent({
    name: "a", instructions: "Move.", model, tools: [go],
    modelSettings: { toolChoice: "required", maxTokens: 40, temperature: 0, parallelToolCalls: false },
  });
  await run(agent, "Move.", { maxTurns: 5 });
  demand(calls > 0, "no call");
});
await check("@openai/agents", "outputType", async () => {
  const agent = new Agent({
    name: "a", instructions: "Move.", model, outputType: Point, modelSettings: { maxTokens: 60, temperature: 0 },
  });
  const result = await run(agent, "Move.");
  Point.parse(result.finalOutput);
});

const failed = rows.filter((row) => row[2] !== "works").length;
console.log(`${rows.length} checks, ${failed} failed`);
process.exit(0);
