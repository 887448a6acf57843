using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Streaming.Benchmarks.Servers;

/// <summary>The few routes the harness itself reads, outside the timed runs.</summary>
internal sealed class StreamingApi(int port) : IDisposable
{
    private const string FirstIdPath = "/api/v1/content/ids?limit=1";
    private const int Parallelism = 8;
    private const int MaxPages = 10_000;
    private const int MaxTries = 30;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Parallelism })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        Timeout = TimeSpan.FromSeconds(10),
    };

    public async Task WaitUntilAnsweringAsync(ChildProcess process, TimeSpan limit, CancellationToken cancellationToken, string path = FirstIdPath)
    {
        var clock = Stopwatch.StartNew();
        while (!await AnswersAsync(path, cancellationToken))
        {
            process.ThrowIfExited();
            if (clock.Elapsed > limit)
                throw new BenchmarkException($"no 200 from {path} within {limit.TotalSeconds:N0} s");
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    public async Task<string[]> ReadTitleIdsAsync(CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var page = "/api/v1/content/ids?limit=1000";
        for (var pages = 0; page is not null && pages < MaxPages; pages++)
        {
            using var answer = await GetAsync(page, cancellationToken);
            ids.AddRange(await answer.Content.ReadFromJsonAsync<string[]>(cancellationToken) ?? []);
            page = NextPage(answer);
        }

        return ids.Count > 0 ? [.. ids] : throw new BenchmarkException("the server has no titles");
    }

    /// <summary>The sum of `real_time_views` over the titles.</summary>
    public async Task<long> SumViewsAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var sum = 0L;
        await ForEachAsync(ids, async (id, token) =>
        {
            using var answer = await GetAsync($"/api/v1/content/{id}/details", token);
            using var details = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(token), default, token);
            Interlocked.Add(ref sum, details.RootElement.GetProperty("real_time_views").GetInt64());
        }, cancellationToken);
        return sum;
    }

    /// <summary>Reads each title's details and counts one view for it.</summary>
    public Task TouchAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        ForEachAsync(ids, async (id, token) =>
        {
            using var details = await GetAsync($"/api/v1/content/{id}/details", token);
            using var counted = await _http.PostAsync(new Uri($"/api/v1/content/{id}/views/increment", UriKind.Relative), null, token);
            Check(counted);
        }, cancellationToken);

    /// <summary>Makes an account of each body; what is refused for now is sent again.</summary>
    public Task RegisterAsync(IEnumerable<string> bodies, CancellationToken cancellationToken) =>
        ForEachAsync(bodies, async (body, token) =>
        {
            for (var tries = 1; ; tries++)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await _http.PostAsync(new Uri("/api/users/register", UriKind.Relative), content, token);
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests) || tries == MaxTries)
                {
                    Check(answer);
                    return;
                }

                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), token);
            }
        }, cancellationToken);

    /// <summary>Logs in with a body that was registered; returns the token.</summary>
    public async Task<string> LogInAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = Check(await _http.PostAsync(new Uri("/api/users/login", UriKind.Relative), content, cancellationToken));
        using var login = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return login.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>What is stored of whoever has the token.</summary>
    public async Task<double> ReadStoredMegabytesAsync(string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/storage/usage", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = Check(await _http.SendAsync(request, cancellationToken));
        using var usage = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return usage.RootElement.GetProperty("totalSizeMb").GetDouble();
    }

    public void Dispose() => _http.Dispose();

    private static Task ForEachAsync(IEnumerable<string> ids, Func<string, CancellationToken, ValueTask> step, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, step);

    private async Task<bool> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken) =>
        Check(await _http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute), cancellationToken));

    private static HttpResponseMessage Check(HttpResponseMessage answer) => answer.IsSuccessStatusCode
        ? answer
        : throw new BenchmarkException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.PathAndQuery} answered {(int)answer.StatusCode}");

    private static string? NextPage(HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Link", out var links))
            return null;

        var next = links.SelectMany(link => link.Split(',')).FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal));
        return next?[(next.IndexOf('<', StringComparison.Ordinal) + 1)..next.IndexOf('>', StringComparison.Ordinal)];
    }
}
