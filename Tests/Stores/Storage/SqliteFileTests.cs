using Streaming.Storage.Embedded;

namespace Streaming.Tests.Storage;

public sealed class SqliteFileTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    // It has no end, and says when it runs.
    private const string Endless = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + begun() FROM numbers) SELECT max(n) FROM numbers";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statement_that_runs_is_interrupted_when_its_caller_gives_up()
    {
        using var folder = new TemporaryFolder();
        using var file = new SqliteFile(Path.Combine(folder.Path, "a.db"));
        using var caller = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = file.ReadAsync(
            connection =>
            {
                connection.CreateFunction("begun", () =>
                {
                    begun.TrySetResult();
                    return 1;
                });
                return connection.Scalar(Endless);
            },
            caller.Token);

        await begun.Task.WaitAsync(LongEnough, Cancel);
        await caller.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => read.WaitAsync(LongEnough, Cancel));
        Assert.Equal(1, await file.ReadAsync(connection => connection.Scalar("SELECT 1"), Cancel));
    }
}
