using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>What the programs do instead of serving.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => Path.Combine(folder.Path, "data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Migration_makes_the_databases_once_and_tells_of_each()
    {
        Assert.Equal([0, 0, 0, 0], await MigrateAsync(versions => versions.From));
        Assert.All(await MigrateAsync(versions => versions.To - versions.From), difference => Assert.Equal(0, difference));
    }

    [Fact]
    public async Task Word_that_is_no_command_is_told_with_those_that_are()
    {
        await using var command = Start("migrat");

        await command.FailsAsync("'migrat' is no command", "create-admin", "migrate");
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Check_of_the_configuration_tells_what_it_found_and_makes_nothing()
    {
        await using var command = Start("--check-config");

        Assert.Equal(0, await command.WaitForExitAsync());
        Assert.Empty(command.Errors);
        Assert.Equal(["settings", "data folder", "journal", "metadata", "reviews", "analytics", "media folder", "HTTP", "silo", "ffmpeg"], command.Output.Select(line => line.Split("  ")[0]));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Check_of_the_configuration_names_all_that_does_not_work_and_what_to_do()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "reviews.db"), new string('x', 200), TestContext.Current.CancellationToken);
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, LoopbackPort.Take());
        taken.Start();
        await using var command = ServerProcess.StartCommand(
            "check-config", Data, ((System.Net.IPEndPoint)taken.LocalEndpoint).Port, ("Ledger__MaxUnapplied", "5"), ("Media__MinFreeMegabytes", "100000000"));

        await command.FailsAsync("4 of 10 do not work: settings, reviews, media folder, HTTP");
        Found(command, "settings", "Ledger:MaxUnapplied");
        Found(command, "reviews", "no database of SQLite");
        Found(command, "media folder", "Media:MinFreeMegabytes");
        Found(command, "HTTP", "the port is taken");
    }

    private static void Found(ServerProcess command, string name, string says) =>
        Assert.Contains(says, Assert.Single(command.Output, line => line.StartsWith(name, StringComparison.Ordinal)), StringComparison.Ordinal);

    private async Task<List<int>> MigrateAsync(Func<(int From, int To), int> of)
    {
        await using var command = Start("migrate");
        Assert.Equal(0, await command.WaitForExitAsync());
        Assert.Empty(command.Errors);
        var lines = command.Output.Where(line => line.Contains(": schema version ", StringComparison.Ordinal)).ToList();
        Assert.Equal(["journal.db", "metadata.db", "reviews.db", "analytics.db"], lines.Select(line => Path.GetFileName(line.Split(": ")[0])));
        return [.. lines.Select(line => line.Split(": schema version ")[1].Split(" -> ")).Select(parts => of((Number(parts[0]), Number(parts[1]))))];
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private ServerProcess Start(string command) => ServerProcess.StartCommand(command, Data, LoopbackPort.Take());
}
