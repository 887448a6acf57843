using Microsoft.Data.Sqlite;
using Streaming.Storage.Embedded;

namespace Streaming.Storage.Operations;

/// <summary>
/// The files of the embedded family as they were at nearly the same moment, while a program writes to them. Each is read in one transaction,
/// and these begin in an order that loses no view and counts none twice: docs/backup.md has the proof.
/// </summary>
internal sealed class EmbeddedSnapshot : IDisposable
{
    // Writers are closed at a program's start and stop alone.
    private const int MaxAttempts = 50;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, SqliteConnection> files;

    private EmbeddedSnapshot(Dictionary<string, SqliteConnection> files) => this.files = files;

    /// <param name="looked">Hears of each file after the first look at it: a program goes on meanwhile.</param>
    /// <exception cref="StartupException">A file is missing, or too much is going on.</exception>
    public static async Task<EmbeddedSnapshot> OpenAsync(string folder, CancellationToken cancellationToken, Func<string, Task>? looked = null)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var snapshot = await OpenOnceAsync(folder, looked);
            if (snapshot.HasTheWatermarks())
                return snapshot;

            snapshot.Dispose();
            await Task.Delay(RetryInterval, cancellationToken);
        }

        throw new StartupException($"The journal in {folder} has rows whose writer metadata.db does not know. Start the program on it, which applies them, and back it up then.");
    }

    private static async Task<EmbeddedSnapshot> OpenOnceAsync(string folder, Func<string, Task>? looked)
    {
        var files = new Dictionary<string, SqliteConnection>();
        var snapshot = new EmbeddedSnapshot(files);
        try
        {
            foreach (var name in EmbeddedDatabase.Names)
            {
                var path = Path.Combine(folder, name + ".db");
                if (!File.Exists(path))
                    throw new StartupException($"There is no {path}. Name the data folder with Storage__Path, or start the program on it once.");

                var file = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
                files.Add(name, file);
                file.Open();
                // The first reading fixes what the transaction sees.
                file.Execute("BEGIN");
                file.Scalar("SELECT count(*) FROM sqlite_master");
                await (looked?.Invoke(name) ?? Task.CompletedTask);
            }

            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    public int VersionOf(string name) => (int)(files[name].Scalar("PRAGMA user_version") ?? 0);

    public void CopyTo(string name, string path)
    {
        OwnerOnly.MakeFile(path);
        using (var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            copy.Open();
            files[name].BackupDatabase(copy);
            // One file, which can be read wherever it lies. The next start of the program makes it WAL again.
            copy.Execute("PRAGMA journal_mode = DELETE");
            if (copy.Command("PRAGMA integrity_check(1)").ExecuteScalar() is not "ok")
                throw new StartupException($"{name}.db is damaged, so it makes no backup. Restore an earlier one.");
        }

        DurableFile.Flush(path);
    }

    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }

    /// <summary>
    /// A writer that was closed between the two looks is gone from metadata.db with its watermark, and its rows, seen before that in the
    /// journal, would be applied again.
    /// </summary>
    private bool HasTheWatermarks()
    {
        if (VersionOf("journal") == 0 || VersionOf("metadata") < 2)
            return true;

        var known = files["metadata"].Query(r => r.GetString(0), "SELECT writer_id FROM ledger_writers");
        return files["journal"].Query(r => r.GetString(0), "SELECT DISTINCT writer_id FROM view_journal").All(known.Contains);
    }
}
