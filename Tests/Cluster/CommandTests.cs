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
