using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>What a silo does instead of serving, on the servers family.</summary>
[Collection(ServersTests.Name)]
public sealed class ServerCommandTests
{
    private const string Away = "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=hidden";

    [Fact]
    public async Task Every_server_is_migrated_then_found_and_one_that_is_away_is_named_without_secrets()
    {
        await using (var migrate = Start("migrate"))
        {
            Assert.Equal(0, await migrate.WaitForExitAsync());
            Assert.Equal(
                ["Analytics", "AnalyticsReplica", "Metadata", "Orleans"],
                migrate.Output.Where(line => line.Contains(": schema version ", StringComparison.Ordinal)).Select(line => line.Split(':')[1]));
        }

        await using (var check = Start("check-config"))
        {
            Assert.True(await check.WaitForExitAsync() == 0, string.Join('\n', check.Output.Concat(check.Errors)));
            Assert.Equal(
                ["settings", "Metadata", "Analytics", "AnalyticsReplica", "Orleans", "Mongo", "Redis", "media folder", "HTTP", "silo", "ffmpeg"],
                check.Output.Select(line => line.Split("  ")[0]));
            Assert.Contains(check.Output, line => line.Contains("synchronous_commit on", StringComparison.Ordinal));
        }

        await using var failing = Start(
            "check-config", ("ConnectionStrings__Analytics", Away), ("ConnectionStrings__Mongo", "mongodb://user:hidden@127.0.0.1:1/none"), ("ConnectionStrings__Redis", "127.0.0.1:1,password=hidden"));
        await failing.FailsAsync("3 of 11 do not work: Analytics, Mongo, Redis");
        Assert.DoesNotContain(failing.Output.Concat(failing.Errors), line => line.Contains("hidden", StringComparison.Ordinal));
    }

    private static SiloCommand Start(string command, params (string Name, string Value)[] own) => new(command,
    [
        .. TestServers.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
        ("Media__Path", Path.GetTempPath()),
        .. own,
    ]);

    private sealed class SiloCommand(string command, IEnumerable<(string Name, string Value)> settings)
        : ProgramProcess("Streaming.Silo", LoopbackPort.Take(), settings, command);
}
