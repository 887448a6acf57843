using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Streaming.Tests.Processes;

/// <summary>
/// Clients that record views, whether the server is there or not: always some on the way, and never so many that programs
/// which start or recover get no processor. A request with a key whose answer was lost is repeated until it is
/// acknowledged, and now and then one that was acknowledged long ago.
/// </summary>
internal sealed class ViewLoad(Uri server, Guid[] titles, Guid[] keyedOnly, int seed, int count = ViewLoad.Clients) : IDisposable
{
    public const int Clients = 32;

    private const int Remembered = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(20) };
    private readonly CancellationTokenSource stopping = new();
    private Task clients = Task.CompletedTask;
    private int repeated;
    private int failed;

    public ViewTally Tally { get; } = new();

    /// <summary>Answers that no client should ever get.</summary>
    public ConcurrentQueue<string> Surprises { get; } = [];

    /// <summary>How often a request with a key was sent again because its answer was lost.</summary>
    public int Repeated => Volatile.Read(ref repeated);

    /// <summary>How many requests were told to come back, or got no answer.</summary>
    public int Failed => Volatile.Read(ref failed);

    /// <summary>What the latest of them met.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    public void ForgetFailures()
    {
        Volatile.Write(ref failed, 0);
        Failures.Clear();
    }

    public void Start() => clients = Task.WhenAll(Enumerable.Range(0, count).Select(client => Task.Run(() => RunAsync(new Random(seed + client)))));

    /// <summary>Lets every client finish its request: those with a key are all acknowledged afterwards.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await clients.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    /// <summary>Ends clients that still run, too: their next request throws.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        http.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync(Random random)
    {
        var earlier = new List<ViewRequest>();
        for (; !stopping.IsCancellationRequested; await Task.Delay(Pause))
        {
            if (earlier.Count > 0 && random.Next(10) == 0)
            {
                await RepeatAsync(earlier[random.Next(earlier.Count)]);
                continue;
            }

            var request = ViewRequest.Draw(random, titles, keyedOnly);
            if (request.Keyed)
            {
                await RepeatAsync(request);
                Tally.Acknowledge(request);
                if (earlier.Count < Remembered)
                    earlier.Add(request);
                else
                    earlier[random.Next(Remembered)] = request;
            }
            else if (await TrySendAsync(request) is var outcome && outcome == Outcome.Committed)
            {
                Tally.Acknowledge(request);
            }
            else if (outcome == Outcome.Unknown)
            {
                Tally.Doubt(request);
            }
        }
    }

    private async Task RepeatAsync(ViewRequest request)
    {
        while (await TrySendAsync(request) is var outcome && outcome != Outcome.Committed)
        {
            if (outcome == Outcome.Unknown)
                Interlocked.Increment(ref repeated);

            await Task.Delay(RetryDelay);
        }
    }

    private async Task<Outcome> TrySendAsync(ViewRequest request)
    {
        using var content = new OnceContent(request.Body);
        try
        {
            using var message = request.ToMessage(content);
            using var answer = await http.SendAsync(message, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK when !IsRejected(request, text):
                    return Outcome.Committed;
                case HttpStatusCode.ServiceUnavailable:
                    Fail(request, text);
                    return Outcome.Refused;
                case HttpStatusCode.GatewayTimeout:
                    Fail(request, text);
                    return Outcome.Unknown;
                default:
                    Surprises.Enqueue($"{request.Path} {request.Body}: {(int)answer.StatusCode} {text}");
                    // A repeated one must not run for ever.
                    return Outcome.Committed;
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            Fail(request, e.Message);
            if (content.IsSent)
                return Outcome.Unknown;

            await Task.Delay(RetryDelay);
            return Outcome.Refused;
        }
    }

    private void Fail(ViewRequest request, string reason)
    {
        Interlocked.Increment(ref failed);
        Failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {request.Path}: {reason}");
        if (Failures.Count > Remembered)
            Failures.TryDequeue(out _);
    }

    private static bool IsRejected(ViewRequest request, string text) =>
        request.Path == "/api/v1/views" && JsonElement.Parse(text).GetProperty("rejected").GetArrayLength() > 0;
}
