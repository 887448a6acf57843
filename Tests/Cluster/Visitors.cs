using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Streaming.Tests.Processes;

/// <summary>
/// People who read, watch and review all the time, and never long enough to be a view. Whatever is broken, each gets an
/// answer, and it says either what was asked or that it cannot be said now.
/// </summary>
internal sealed class Visitors(Uri server, Guid[] titles, Guid[] users, int seed) : IDisposable
{
    private const int Clients = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource stopping = new();
    private Task clients = Task.CompletedTask;
    private int answered;
    private int unavailable;

    /// <summary>Answers that nobody should ever get.</summary>
    public ConcurrentQueue<string> Surprises { get; } = [];

    /// <summary>How many were told to come back later.</summary>
    public int Failed => Volatile.Read(ref unavailable);

    public ConcurrentQueue<string> Failures { get; } = [];

    public void ForgetFailures()
    {
        Volatile.Write(ref unavailable, 0);
        Failures.Clear();
    }

    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{answered} visits, {unavailable} in vain");

    public void Start() => clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(new Random(seed + client)))));

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await clients.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    public void Judge(string request, HttpStatusCode status, string text)
    {
        if (status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
        {
            Interlocked.Increment(ref unavailable);
            Failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {request}: {(int)status} {text}");
        }
        else if (status is HttpStatusCode.OK or HttpStatusCode.Created)
            Interlocked.Increment(ref answered);
        else
            Surprises.Enqueue($"{request}: {(int)status} {text}");
    }

    public void Dispose()
    {
        stopping.Cancel();
        http.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync(Random random)
    {
        while (!stopping.IsCancellationRequested)
        {
            using var request = Draw(random);
            try
            {
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                Judge($"{request.Method} {request.RequestUri}", answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stopping.IsCancellationRequested)
            {
                Surprises.Enqueue($"{request.Method} {request.RequestUri}: {e.Message}");
            }

            await Task.Delay(Pause);
        }
    }

    private HttpRequestMessage Draw(Random random)
    {
        var (title, user) = (titles[random.Next(titles.Length)], users[random.Next(users.Length)]);
        return random.Next(10) switch
        {
            0 => Get("/api/v1/content/ids?limit=5"),
            1 => Get($"/api/v1/content/{title}"),
            2 => Get("/api/v1/content/users/ids"),
            3 => Get($"/api/v1/content/trending/{(random.Next(2) == 0 ? "hourly" : "daily")}"),
            4 => Get($"/api/v1/content/users/{user}/watch-history"),
            5 => Get($"/api/v1/content/{title}/reviews"),
            6 => Send(HttpMethod.Post, $"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":{{random.Next(1, 11)}}}"""),
            7 => Send(HttpMethod.Put, $"/api/v1/users/{user}/progress/{title}", """{"position_seconds":5,"duration_seconds":1000,"session_id":"tv"}"""),
            _ => Get($"/api/v1/content/{title}/details"),
        };
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, new Uri(path, UriKind.Relative));

    private static HttpRequestMessage Send(HttpMethod method, string path, string json) =>
        new(method, new Uri(path, UriKind.Relative)) { Content = new OnceContent(json) };
}
