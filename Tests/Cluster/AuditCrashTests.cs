using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Streaming.Tests.Auth;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Processes;

public sealed class AuditCrashTests : IDisposable
{
    private const int Rounds = 3;
    private static readonly TimeSpan MayBeLost = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Entries_that_are_older_than_a_second_survive_kills_and_a_stop_loses_none()
    {
        var (kept, sent) = (0L, 0L);
        for (var round = 0; round <= Rounds; round++)
        {
            await using var server = await StartAsync();
            using var http = new HttpClient { BaseAddress = server.Address };
            Assert.InRange(await CountAsync(http), kept, sent);

            using var stop = new CancellationTokenSource();
            var answered = new ConcurrentQueue<long>();
            var people = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RegisterAsync(http, answered, () => Interlocked.Increment(ref sent), stop.Token))));
            var began = Stopwatch.GetTimestamp();
            await Poll.UntilAsync(
                () => Task.FromResult(Stopwatch.GetElapsedTime(began) > MayBeLost * 2.5 && answered.Count > 20 ? null : "nothing is old enough"), seconds: 120);
            var now = Stopwatch.GetTimestamp();
            if (round == Rounds)
            {
                await stop.CancelAsync();
                await people;
                await server.StopAsync();
                kept += answered.Count;
                break;
            }

            await server.KillAsync();
            await people;
            kept += answered.Count(at => Stopwatch.GetElapsedTime(at, now) > MayBeLost);
        }

        await using var last = await StartAsync();
        using var reader = new HttpClient { BaseAddress = last.Address };
        Assert.InRange(await CountAsync(reader), kept, sent);
        await last.StopAsync();
    }

    /// <summary>Until the server goes, or the test says so.</summary>
    private static async Task RegisterAsync(HttpClient http, ConcurrentQueue<long> answered, Action sending, CancellationToken stop)
    {
        var api = new Api(http);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                sending();
                var answer = await api.PostAsync("/api/users/register", $$"""{"email":"{{Guid.NewGuid():N}}@example.com","password":"secret phrase"}""");
                // Refused and not registered, where the machine is too slow for all of them.
                if (answer.Status == 503)
                    continue;

                answer.Is(200);
                answered.Enqueue(Stopwatch.GetTimestamp());
            }
        }
        catch (HttpRequestException)
        {
            // It was killed; whether this one was registered is unknown.
        }
    }

    private static async Task<long> CountAsync(HttpClient http)
    {
        var token = TokenParts.Tokens(new FakeTimeProvider(DateTimeOffset.UtcNow)).Make(TokenParts.Account(AccountRole.Admin), Guid.NewGuid());
        var logs = await new Api(http).GetAsync("/api/logs/all?action=REGISTER", ("Authorization", "Bearer " + token));
        return logs.IsJson().Json.GetProperty("total").GetInt64();
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartReadyAsync(
        folder.Path, port, ("Auth__SigningKey", TokenParts.Key), ("RateLimits__Enabled", "false"));
}
