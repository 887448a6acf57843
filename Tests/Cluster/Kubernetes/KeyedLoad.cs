using System.Collections.Concurrent;
using System.Net;

namespace Streaming.Tests.Processes;

/// <summary>
/// A small steady load of views, each with a key, spread over the fronts that are ready. One that fails is sent again with
/// its key until it is acknowledged, and now and then one that was acknowledged before: so what is counted must be exactly
/// what was acknowledged.
/// </summary>
internal sealed class KeyedLoad(Func<IReadOnlyList<Uri>> fronts, Guid[] titles) : IAsyncDisposable
{
    private const int Clients = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<Guid, long> acknowledged = new();
    private Task clients = Task.CompletedTask;
    private int requests;

    public int Requests => Volatile.Read(ref requests);

    /// <summary>What a client saw fail, and sent again.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    public long AcknowledgedOf(Guid title) => acknowledged.GetValueOrDefault(title);

    public void Start() => clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(new Random(client)))));

    /// <summary>Waits until so many further views are acknowledged.</summary>
    public Task AcknowledgedAsync(int further)
    {
        var until = acknowledged.Values.Sum() + further;
        return Poll.UntilAsync(() => Task.FromResult(acknowledged.Values.Sum() is var now && now >= until ? null : $"{now} of {until} views are acknowledged: {Failures.LastOrDefault()}"));
    }

    /// <summary>Lets every client have its last view acknowledged.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await clients.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        http.Dispose();
        await clients.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync(Random random)
    {
        (Guid Title, string Key)? before = null;
        for (; !stopping.IsCancellationRequested; await Task.Delay(Pause))
        {
            var isNew = before is null || random.Next(10) > 0;
            var (title, key) = isNew ? (titles[random.Next(titles.Length)], $"view-{Guid.NewGuid():N}") : before!.Value;
            await RepeatAsync(title, key, random);
            before = (title, key);
            if (isNew)
                acknowledged.AddOrUpdate(title, 1, (_, views) => views + 1);
        }
    }

    private async Task RepeatAsync(Guid title, string key, Random random)
    {
        while (await TrySendAsync(title, key, random) is { } failure)
        {
            Failures.Enqueue(failure);
            await Task.Delay(Pause);
        }
    }

    private async Task<string?> TrySendAsync(Guid title, string key, Random random)
    {
        var ready = fronts();
        if (ready.Count == 0)
        {
            await Poll.UntilAsync(() => Task.FromResult(fronts().Count > 0 ? null : "no front is ready"));
            return "no front was ready";
        }

        Interlocked.Increment(ref requests);
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(ready[random.Next(ready.Count)], $"/api/v1/content/{title}/views/increment"));
        message.Headers.Add("Idempotency-Key", key);
        try
        {
            using var answer = await http.SendAsync(message, TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK ? null : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return e.Message;
        }
    }
}
