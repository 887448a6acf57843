namespace Streaming.WebFront;

/// <summary>The answer of a route that has nothing to tell but that it did what it was asked.</summary>
internal sealed record Done(string Message);
