using System.Runtime.Versioning;
using Streaming.Storage.Embedded;

namespace Streaming.Tests.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_missing_folder_is_made()
    {
        var path = Path.Combine(folder.Path, "a", "b");
        using var opened = DataFolder.Open(path);
        Assert.True(Directory.Exists(path));
        Assert.Equal(Path.Combine(path, "journal.db"), opened.FileOf("journal"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_new_folder_and_its_databases_are_the_owners_alone_and_an_older_one_is_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Modes of files are Unix'.");
        var path = Path.Combine(folder.Path, "data");
        DataFolder.Open(path).Dispose();
        foreach (var name in new[] { "a.db", "a.db-wal", "b.db" })
            await File.WriteAllBytesAsync(Path.Combine(path, name), [], Cancel);

        const UnixFileMode Open = (UnixFileMode)0b110_100_100;
        foreach (var file in Directory.GetFiles(path))
            File.SetUnixFileMode(file, Open);

        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        using var opened = DataFolder.Open(path);
        foreach (var name in new[] { "a", "c" })
        {
            using var file = new SqliteFile(opened.FileOf(name));
            await file.WriteAsync(connection => connection.Execute("CREATE TABLE t (x)"), Cancel);
            Assert.All(Directory.GetFiles(path, name + ".db*"), made => Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(made)));
        }

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(path));
        // One that nobody opens is left alone.
        Assert.Equal(Open, File.GetUnixFileMode(Path.Combine(path, "b.db")));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_folder_that_holds_other_things_is_not_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Modes of files are Unix'.");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        using var opened = DataFolder.Open(folder.Path);

        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public void A_folder_that_is_open_is_refused()
    {
        using var first = DataFolder.Open(folder.Path);
        var refusal = Assert.Throws<StartupException>(() => DataFolder.Open(folder.Path));
        Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_was_closed_opens_again()
    {
        DataFolder.Open(folder.Path).Dispose();
        DataFolder.Open(folder.Path).Dispose();
    }

    [Fact]
    public void A_path_under_a_file_is_refused_as_not_writable()
    {
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        Assert.Contains(
            "cannot be written", Assert.Throws<StartupException>(() => DataFolder.Open(Path.Combine(file, "data"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", Assert.Throws<StartupException>(() => DataFolder.Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_nobody_may_write_to_is_refused()
    {
        // Root may write anywhere but where the kernel says no.
        var refusal = Assert.Throws<StartupException>(() => DataFolder.Open("/proc/streaming-data"));
        Assert.Contains("cannot be written", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_holds_its_folder_until_it_is_disposed()
    {
        using (var database = new EmbeddedDatabase(folder.Path))
        {
            await database.OpenAsync(Cancel);
            using var second = new EmbeddedDatabase(folder.Path);
            await Assert.ThrowsAsync<StartupException>(() => second.OpenAsync(Cancel));
        }

        using var next = new EmbeddedDatabase(folder.Path);
        await next.OpenAsync(Cancel);
    }

    [Fact]
    public void A_database_that_is_not_open_says_so()
    {
        using var database = new EmbeddedDatabase(folder.Path);
        Assert.Throws<InvalidOperationException>(() => database.Journal);
    }
}
