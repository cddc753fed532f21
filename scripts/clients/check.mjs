// Tools and structured output by clients from npm, as their READMEs write them: a table of client and feature.
//   cd scripts/clients && npm install && node check.mjs [http://127.0.0.1:8000/v1 [MODEL]]
// The model need not be able to use tools: calls are forced, so what is tried is the server and the client. A loop of
// three calls ends because the fourth answer may not call anything.
import OpenAI from "openai";
import { toFile } from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { generateText, streamText, Output, stepCountIs, tool } from "ai";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { HumanMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { Agent, run, tool as agentTool } from "@openai/agents";
import { setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled } from "@openai/agents";
import { OpenAI as LlamaOpenAI } from "@llamaindex/openai";
import { tool as llamaTool } from "llamaindex";
import Instructor from "@instructor-ai/instructor";
import { z } from "zod";
// Instructor makes schemas of this version alone.
import { z as z3 } from "zod/v3";

const baseURL = process.argv[2] ?? "http://127.0.0.1:8000/v1";
const model = process.argv[3] ?? "cheshire-mini";
const apiKey = process.env.OPENAI_API_KEY ?? "none";
const Point = z.object({ x: z.number().int().min(0).max(99), ok: z.boolean() });
const steps = z.object({ x: z.number().int().min(0).max(99) });
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

await check("openai", "responses, streamed", async () => {
  const whole = await openai.responses.create({ model, input: "Move.", temperature: 0, max_output_tokens: 40 });
  demand(whole.output_text.length > 0, "no text");
  const stream = openai.responses.stream({ model, input: "Move.", temperature: 0, max_output_tokens: 40 });
  let text = "";
  for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
  demand(text === whole.output_text, "another text");
  demand((await stream.finalResponse()).output_text === text, "another final text");
});
await check("openai", "responses, logprobs", async () => {
  const asked = {
    model, input: "Move.", temperature: 0, max_output_tokens: 8, include: ["message.output_text.logprobs"],
    top_logprobs: 2, entropy: true,
  };
  const told = (await openai.responses.create(asked)).output[0].content[0].logprobs;
  demand(told.length === 8 && told[0].top_logprobs.length === 2 && told[0].entropy >= 0, "not told");
  const streamed = [];
  for await (const event of openai.responses.stream(asked)) {
    if (event.type === "response.output_text.delta") streamed.push(...event.logprobs);
  }
  demand(JSON.stringify(streamed) === JSON.stringify(told), "others in the stream");
});
await check("openai", "responses, parse, zod", async () => {
  const answer = await openai.responses.parse({
    model, input: "Move.", temperature: 0, max_output_tokens: 60, text: { format: zodTextFormat(Point, "point") },
  });
  Point.parse(answer.output_parsed);
});
await check("openai", "responses, loop of three calls", async () => {
  let calls = 0;
  let input = [{ role: "user", content: "Move." }];
  let previous;
  for (;;) {
    const answer = await openai.responses.create({
      model, input, previous_response_id: previous, temperature: 0, max_output_tokens: 40, parallel_tool_calls: false,
      tools: [{ type: "function", name: "go", parameters, strict: true }], tool_choice: calls < 3 ? "required" : "none",
    });
    previous = answer.id;
    const made = answer.output.filter((item) => item.type === "function_call");
    if (made.length === 0) break;
    calls += made.length;
    input = made.map((call) => ({ type: "function_call_output", call_id: call.call_id, output: "done" }));
  }
  demand(calls === 3, calls + " calls");
  demand((await openai.responses.retrieve(previous)).id === previous, "not kept");
  await openai.responses.delete(previous);
});
await check("openai", "files, batches", async () => {
  const body = { model, messages, max_tokens: 5, temperature: 0 };
  const lines = [0, 1, 2].map((i) => JSON.stringify({
    custom_id: "a" + i, method: "POST", url: "/v1/chat/completions", body,
  }));
  const file = await openai.files.create({ file: await toFile(Buffer.from(lines.join("\n")), "a.jsonl"),
    purpose: "batch" });
  let batch = await openai.batches.create({
    input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h",
  });
  for (let i = 0; i < 200 && batch.status !== "completed"; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    batch = await openai.batches.retrieve(batch.id);
  }
  demand(batch.status === "completed", batch.status);
  const output = await (await openai.files.content(batch.output_file_id)).text();
  demand(output.trim().split("\n").length === 3, "lines are missing");
});

// ---- ai with @ai-sdk/openai (chat) and @ai-sdk/openai-compatible
const providers = {
  "ai + openai (default)": createOpenAI({ baseURL, apiKey })(model),
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
  const go = () => tool({ inputSchema: steps, execute: async () => "done" });
  await check(name, "text, streamed", async () => {
    const asked = { model: chat, prompt: "Move.", temperature: 0, maxOutputTokens: 30, maxRetries: 0 };
    const { text } = await generateText(asked);
    let streamed = "";
    for await (const part of streamText(asked).textStream) streamed += part;
    demand(text.length > 0 && streamed === text, "another text");
  });
  await check(name, "loop of three calls", async () => {
    let calls = 0;
    const answer = await generateText({
      model: chat, prompt: "Move.", temperature: 0, maxOutputTokens: 64, maxRetries: 0, tools: { go: go() },
      stopWhen: stepCountIs(6),
      providerOptions: { openai: { parallelToolCalls: false }, cheshire: { parallel_tool_calls: false } },
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
const langchainGo = langchainTool(async () => "done", { name: "go", description: "Goes.", schema: steps });
await check("@langchain/openai", "bindTools", async () => {
  const single = { parallel_tool_calls: false };
  const answer = await langchain.bindTools([langchainGo], { tool_choice: "required", ...single }).invoke("Move.");
  demand(answer.tool_calls.length > 0, "no call");
  const stream = await langchain.bindTools([langchainGo], { tool_choice: "go", ...single }).stream("Move.");
  let all;
  for await (const chunk of stream) all = all ? all.concat(chunk) : chunk;
  demand(all.tool_calls[0].name === "go", "no call in the stream");
});
await check("@langchain/openai", "loop of three calls", async () => {
  const talk = [new HumanMessage("Move.")];
  let calls = 0;
  for (;;) {
    const wish = { tool_choice: calls < 3 ? "required" : "none", parallel_tool_calls: false };
    const answer = await langchain.bindTools([langchainGo], wish).invoke(talk);
    talk.push(answer);
    if (!answer.tool_calls?.length) break;
    for (const call of answer.tool_calls) {
      calls++;
      talk.push(await langchainGo.invoke(call));
    }
  }
  demand(calls === 3, calls + " calls");
});

// ---- Instructor
// Its mode JSON asks for any object and hopes: what comes is the model's matter.
for (const mode of ["TOOLS", "JSON_SCHEMA", "FUNCTIONS"]) {
  await check("instructor", mode, async () => {
    const client = Instructor({ client: openai, mode });
    await client.chat.completions.create({
      model, messages, temperature: 0, max_tokens: 60, max_retries: 0,
      response_model: { schema: z3.object({ x: z3.number().int().min(0).max(99) }), name: "Point" },
    });
  });
}

// ---- LlamaIndex
await check("llamaindex", "chat, streamed", async () => {
  const llm = new LlamaOpenAI({ model, apiKey, baseURL, temperature: 0, maxTokens: 30 });
  const whole = await llm.chat({ messages });
  let text = "";
  for await (const chunk of await llm.chat({ messages, stream: true })) text += chunk.delta;
  demand(text.length > 0 && text === whole.message.content, "another text");
});
await check("llamaindex", "responseFormat, zod", async () => {
  const llm = new LlamaOpenAI({ model, apiKey, baseURL, temperature: 0, maxTokens: 60 });
  const answer = await llm.chat({ messages, responseFormat: Point });
  Point.parse(JSON.parse(answer.message.content));
});
const llamaGo = llamaTool({ name: "go", description: "Goes.", parameters: steps, execute: async () => "done" });
await check("llamaindex", "loop of three calls", async () => {
  const talk = [...messages];
  let calls = 0;
  for (;;) {
    const llm = new LlamaOpenAI({
      model, apiKey, baseURL, temperature: 0, maxTokens: 50, supportToolCall: true,
      additionalChatOptions: { tool_choice: calls < 3 ? "required" : "none", parallel_tool_calls: false },
    });
    const { message } = await llm.chat({ messages: talk, tools: [llamaGo] });
    talk.push(message);
    if (!message.options?.toolCall?.length) break;
    for (const call of message.options.toolCall) {
      calls++;
      const toolResult = { id: call.id, result: "done", isError: false };
      talk.push({ role: "user", content: "done", options: { toolResult } });
    }
  }
  demand(calls === 3, calls + " calls");
});
await check("llamaindex", "tool", async () => {
  const llm = new LlamaOpenAI({
    model, apiKey, baseURL, temperature: 0, maxTokens: 50, additionalChatOptions: { tool_choice: "required" },
    supportToolCall: true,
  });
  const answer = await llm.chat({ messages, tools: [llamaGo] });
  demand(answer.message.options?.toolCall?.length > 0, "no call");
});

// ---- OpenAI's agents, by its default, responses, and by chats
setTracingDisabled(true);
setDefaultOpenAIClient(openai);
/** A tool that counts its calls. */
function counted() {
  const counter = { calls: 0 };
  counter.tool = agentTool({
    name: "go", description: "Goes.", parameters: z.object({ x: z.number().int().min(0).max(9) }),
    execute: async () => {
      counter.calls++;
      return "done";
    },
  });
  return counter;
}

for (const api of ["responses", "chat_completions"]) {
  setOpenAIAPI(api);
  await check("@openai/agents", api + ": a tool, then an answer", async () => {
    const go = counted();
    const agent = new Agent({
      name: "a", instructions: "Move.", model, tools: [go.tool], outputType: Point,
      modelSettings: { toolChoice: "required", maxTokens: 100, temperature: 0, parallelToolCalls: false },
    });
    const first = await run(agent, "Move.", { maxTurns: 5 });
    demand(go.calls > 0, "no call");
    await run(agent, [...first.history, { role: "user", content: "Again." }], { maxTurns: 5 });
  });
  await check("@openai/agents", api + ": loop of three calls", async () => {
    const go = counted();
    const agent = new Agent({
      name: "a", instructions: "Move.", model, tools: [go.tool], resetToolChoice: false,
      modelSettings: { toolChoice: "required", maxTokens: 60, temperature: 0, parallelToolCalls: false },
      toolUseBehavior: () =>
        go.calls < 3 ? { isFinalOutput: false, isInterrupted: undefined }
          : { isFinalOutput: true, isInterrupted: undefined, finalOutput: "over" },
    });
    const result = await run(agent, "Move.", { maxTurns: 6 });
    demand(go.calls === 3 && result.finalOutput === "over", go.calls + " calls, " + result.finalOutput);
  });
  await check("@openai/agents", api + ": streamed", async () => {
    const agent = new Agent({ name: "a", instructions: "Move.", model, modelSettings: { maxTokens: 30 } });
    const stream = await run(agent, "Move.", { stream: true });
    let text = "";
    for await (const part of stream.toTextStream()) text += part;
    await stream.completed;
    demand(text.length > 0, "no text");
  });
  await check("@openai/agents", api + ": outputType", async () => {
    const agent = new Agent({
      name: "a", instructions: "Move.", model, outputType: Point, modelSettings: { maxTokens: 60, temperature: 0 },
    });
    const result = await run(agent, "Move.");
    Point.parse(result.finalOutput);
  });
}

const failed = rows.filter((row) => row[2] !== "works").length;
console.log(`${rows.length} checks, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
