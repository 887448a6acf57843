using Streaming.Ledger;
using Streaming.Storage.Embedded;
using Streaming.Storage.Operations;

namespace Streaming.Tests.Storage;

/// <summary>A copy of the files counts each view once, whatever the program does between the looks at two of them.</summary>
public sealed class EmbeddedBackupTests : IAsyncDisposable
{
    private const string Writer = "silo-1";

    private readonly TemporaryFolder source = new();
    private readonly TemporaryFolder elsewhere = new();
    private readonly EmbeddedFixture fixture;
    private readonly Guid title = Guid.CreateVersion7();

    public EmbeddedBackupTests() => fixture = new EmbeddedFixture(source);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(elsewhere.Path, "backup");

    private string Restored => Path.Combine(elsewhere.Path, "restored");

    public async ValueTask DisposeAsync()
    {
        await fixture.DisposeAsync();
        source.Dispose();
        elsewhere.Dispose();
    }

    [Theory]
    [InlineData("journal")]
    [InlineData("metadata")]
    [InlineData("reviews")]
    public async Task Views_that_are_applied_and_trimmed_while_a_backup_begins_are_in_it_once(string after)
    {
        const int Rows = 300;
        var receipts = Enumerable.Range(0, Rows).Select(_ => Guid.NewGuid()).ToArray();
        await OpenAsync();
        for (var batch = 0; batch < Rows; batch++)
            fixture.Journal.Append(Writer, batch + 1, new JournalEntries([title], [1], [receipts[batch]]));

        using (var snapshot = await EmbeddedSnapshot.OpenAsync(source.Path, Cancel, async name =>
        {
            if (name != after)
                return;

            await fixture.Journal.ApplyAsync(Writer, Cancel);
            // Takes applied rows along.
            fixture.Journal.Append(Writer, Rows + 1, new JournalEntries([title], [1_000], []));
            await fixture.Journal.ApplyAsync(Writer, Cancel);
        }))
        {
            CopyTo(snapshot);
        }

        await using var restored = await RecoverAsync(Restored);
        // What was appended after the first look may be in it.
        Assert.Equal(Rows, await restored.Journal.GetTotalAsync(title, Cancel) % 1_000);
        await restored.Journal.OpenWriterAsync("again", Cancel);
        restored.Journal.Append("again", 1, new JournalEntries([title, title], [1, 1], [receipts[0], receipts[^1]]));
        await restored.Journal.ApplyAsync("again", Cancel);
        Assert.Equal(Rows, await restored.Journal.GetTotalAsync(title, Cancel) % 1_000);
    }

    [Fact]
    public async Task Writer_that_is_closed_while_a_backup_begins_is_looked_at_anew()
    {
        await OpenAsync();
        fixture.Journal.Append(Writer, 1, new JournalEntries([title], [7], []));
        var looks = 0;

        using (var snapshot = await EmbeddedSnapshot.OpenAsync(source.Path, Cancel, async name =>
        {
            if (name == "journal" && looks++ == 0)
                await fixture.Journal.CloseWriterAsync(Writer, Cancel);
        }))
        {
            CopyTo(snapshot);
        }

        Assert.Equal(2, looks);
        await using var restored = await RecoverAsync(Restored);
        Assert.Equal(7, await restored.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Restore_takes_a_whole_backup_into_an_empty_folder_and_nothing_else()
    {
        await OpenAsync();
        fixture.Journal.Append(Writer, 1, new JournalEntries([title], [7], []));
        var media = Directory.CreateDirectory(Path.Combine(source.Path, "media", "0f")).FullName;
        await File.WriteAllTextAsync(Path.Combine(media, "a.video"), "moving pictures", Cancel);
        await File.WriteAllTextAsync(Path.Combine(source.Path, "signing.key"), "secret", Cancel);
        var folders = new BackedUpFolders(source.Path, Path.Combine(source.Path, "media"));

        var manifest = await EmbeddedBackup.CreateAsync(folders, Target, "test", TimeProvider.System, Cancel);

        Assert.Equal(["journal.db", "metadata.db", "reviews.db", "analytics.db", "signing.key", "media/0f/a.video"], manifest.Files.Select(file => file.Path));
        await RefusedAsync(() => EmbeddedBackup.CreateAsync(folders, Target, "test", TimeProvider.System, Cancel), "not empty");
        await RefusedAsync(() => EmbeddedRestore.RunAsync(Target, folders, Cancel), "not empty");
        await RefusedAsync(() => RestoreAsync(elsewhere.Path), "no whole backup");

        await RestoreAsync(Target);
        Assert.Equal("moving pictures", await File.ReadAllTextAsync(Path.Combine(Restored, "media", "0f", "a.video"), Cancel));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(Restored, "signing.key"), Cancel));
        await using var restored = await RecoverAsync(Restored);
        Assert.Equal(7, await restored.Journal.GetTotalAsync(title, Cancel));
    }

    [Theory]
    [InlineData("metadata.db")]
    [InlineData("media/0f/a.video")]
    public async Task Backup_of_which_a_byte_has_changed_is_refused(string path)
    {
        await OpenAsync();
        var media = Directory.CreateDirectory(Path.Combine(source.Path, "media", "0f")).FullName;
        await File.WriteAllTextAsync(Path.Combine(media, "a.video"), "moving pictures", Cancel);
        await EmbeddedBackup.CreateAsync(new BackedUpFolders(source.Path, Path.Combine(source.Path, "media")), Target, "test", TimeProvider.System, Cancel);
        var file = Path.Combine(Target, path);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);

        await RefusedAsync(() => RestoreAsync(Target), "not what the backup's manifest says");
        Assert.False(Directory.Exists(Restored));
    }

    [Fact]
    public void Folder_with_a_restore_that_did_not_end_is_not_started_on()
    {
        File.WriteAllBytes(Path.Combine(elsewhere.Path, DataFolder.UnfinishedRestore), []);
        Assert.Contains("did not end", Assert.Throws<StartupException>(() => DataFolder.Open(elsewhere.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("media/0f/a.video", true)]
    [InlineData("../a", false)]
    [InlineData("/a", false)]
    [InlineData("a//b", false)]
    [InlineData("a/../../b", false)]
    [InlineData("", false)]
    [InlineData("a\\b", false)]
    public void Names_in_a_manifest_stay_in_the_folder(string path, bool isInside) => Assert.Equal(isInside, new BackupFile(path, 1, "").IsInside);

    private static async Task RefusedAsync(Func<Task> step, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<StartupException>(step)).Message, StringComparison.Ordinal);

    private Task<BackupManifest> RestoreAsync(string from) => EmbeddedRestore.RunAsync(from, new BackedUpFolders(Restored, null), Cancel);

    private async Task OpenAsync()
    {
        await fixture.OpenAsync();
        await fixture.Journal.OpenWriterAsync(Writer, Cancel);
    }

    private void CopyTo(EmbeddedSnapshot snapshot)
    {
        Directory.CreateDirectory(Restored);
        foreach (var name in EmbeddedDatabase.Names)
            snapshot.CopyTo(name, Path.Combine(Restored, name + ".db"));
    }

    /// <summary>As a start does.</summary>
    private static async Task<Recovered> RecoverAsync(string folder)
    {
        var database = new EmbeddedDatabase(folder);
        await database.OpenAsync(Cancel);
        var journal = new SqliteViewJournal(database, TimeProvider.System);
        foreach (var writer in await journal.ListWritersAsync(Cancel))
            await journal.CloseWriterAsync(writer, Cancel);

        return new Recovered(database, journal);
    }

    private sealed record Recovered(EmbeddedDatabase Database, SqliteViewJournal Journal) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Database.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
