using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => Path.Combine(folder.Path, "data");

    private string Copy => Path.Combine(folder.Path, "backup");

    private string Restored => Path.Combine(folder.Path, "restored");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Backup_under_load_has_all_that_was_acknowledged_before_it_and_counts_it_once()
    {
        using var traces = new BackupTraces();
        await using (var server = await StartAsync(Data))
        {
            await traces.LeaveAsync(server.Address);
            await traces.BackUpAsync(() => RunAsync($"backup {Copy}"));
            await server.KillAsync();
        }

        await RunAsync($"restore {Copy} --into {Restored}");
        await using (var server = await StartAsync(Restored))
        {
            await traces.AreThereAsync(server.Address, Path.Combine(Restored, "media"));
            await server.StopAsync();
        }

        LedgerFiles.AreSettled(Restored);
    }

    private async Task RunAsync(string command)
    {
        await using var program = ServerProcess.StartCommand(command, Data, LoopbackPort.Take());
        Assert.True(await program.WaitForExitAsync() == 0, string.Join('\n', program.Output.Concat(program.Errors)));
    }

    private static Task<ServerProcess> StartAsync(string data) => ServerProcess.StartReadyAsync(
        data, LoopbackPort.Take(), [.. UploadSettings.Quick, ("Seed__Titles", "10"), ("Ledger__MaxApplyIntervalMilliseconds", "1000")]);
}
