namespace Streaming.Benchmarks;

/// <summary>A run that cannot go on, for a reason that one line explains to the reader.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
