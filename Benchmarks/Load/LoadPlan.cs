namespace Streaming.Benchmarks.Load;

/// <summary>What to send to which port: <paramref name="Order"/> holds indexes into <paramref name="Requests"/>.</summary>
internal sealed record LoadPlan(int Port, byte[][] Requests, int[] Order);
