namespace Streaming.WebFront;

/// <summary>Marks a route whose response is this text, unless the client prefers JSON.</summary>
internal sealed record TextAnswer(string Text);

/// <summary>Marks a route that reads a body and is no part of the API, which tells what it accepts.</summary>
internal sealed record ReadsBody;

/// <summary>Marks a route that honours the Idempotency-Key header.</summary>
internal sealed record IdempotencyKeyHeader;
