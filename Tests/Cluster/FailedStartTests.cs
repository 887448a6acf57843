using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>A server that cannot start says why in one line, and what to do.</summary>
public sealed class FailedStartTests : IDisposable
{
    private static readonly (string Name, string Value)[] NeededInProduction =
    [
        ("Auth__SigningKey", Auth.TokenParts.Key), ("Media__SigningKey", Auth.TokenParts.Key), ("Media__PublicBaseUrl", "https://video.example.com"),
    ];

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Taken_port_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();

        await FailsAsync(folder.Path, $"Cannot listen on http://127.0.0.1:{port}", "the port is taken");
    }

    [Fact]
    public async Task Address_that_is_none_is_named() =>
        await FailsAsync(folder.Path, "ASPNETCORE_URLS", "nonsense", ("ASPNETCORE_URLS", "nonsense"));

    [Fact]
    public async Task Folder_that_cannot_be_made_is_named() => await FailsAsync("/proc/streaming", "/proc/streaming", "cannot be written to");

    [Fact]
    public async Task Folder_below_a_file_is_named()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await FailsAsync(Path.Combine(file, "data"), Path.Combine(file, "data"), "cannot be written to");
    }

    [Theory]
    [InlineData("journal")]
    [InlineData("metadata")]
    [InlineData("analytics")]
    [InlineData("reviews")]
    public async Task File_that_is_no_database_is_named(string name)
    {
        var bytes = new byte[40_000];
        new Random(11).NextBytes(bytes);
        var file = Path.Combine(folder.Path, name + ".db");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        await FailsAsync(folder.Path, file, "is damaged");

        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("metadata")]
    [InlineData("reviews")]
    public async Task Database_that_is_overwritten_in_its_middle_is_named(string name)
    {
        await using (var server = await ServerProcess.StartReadyAsync(folder.Path, port))
            await server.StopAsync();

        var file = Path.Combine(folder.Path, name + ".db");
        Overwrite(file);

        await FailsAsync(folder.Path, file, "is damaged");
    }

    [Fact]
    public async Task Database_of_a_newer_version_is_named()
    {
        await using (var server = await ServerProcess.StartReadyAsync(folder.Path, port))
            await server.StopAsync();

        var file = Path.Combine(folder.Path, "metadata.db");
        Execute(file, "PRAGMA user_version = 99");

        await FailsAsync(folder.Path, file, "schema version 99");
    }

    [Fact]
    public async Task Folder_of_a_running_server_is_named()
    {
        await using var first = await ServerProcess.StartReadyAsync(folder.Path, port);

        await FailsAsync(folder.Path, folder.Path, "in use by another instance", ("ASPNETCORE_URLS", $"http://127.0.0.1:{LoopbackPort.Take()}"));

        await first.StopAsync();
    }

    [Fact]
    public async Task Open_access_is_refused_in_Production() =>
        await FailsAsync(
            folder.Path, "Compatibility:OpenAccess", "Production",
            [("Compatibility__OpenAccess", "true"), ("ASPNETCORE_ENVIRONMENT", "Production"), .. NeededInProduction]);

    [Theory]
    [InlineData("Media__SigningKey")]
    [InlineData("Media__PublicBaseUrl")]
    public async Task Setting_that_URLs_of_videos_need_in_Production_is_named(string missing)
    {
        await FailsAsync(folder.Path, missing, "Production", [("ASPNETCORE_ENVIRONMENT", "Production"), .. NeededInProduction.Where(setting => setting.Name != missing)]);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("Kestrel__Endpoints__Web__Url")]
    public async Task Open_access_is_refused_where_other_machines_can_reach_it(string setting) =>
        await FailsAsync(
            folder.Path, "Compatibility:OpenAccess", "0.0.0.0", ("Compatibility__OpenAccess", "true"), (setting, $"http://0.0.0.0:{port}"));

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS")]
    [InlineData("ASPNETCORE_HTTPS_PORTS")]
    public async Task Open_access_is_refused_on_ports_of_all_addresses(string setting) =>
        await FailsAsync(
            folder.Path, "Compatibility:OpenAccess", "://*:", ("Compatibility__OpenAccess", "true"), ("ASPNETCORE_URLS", ""),
            (setting, port.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public async Task Setting_out_of_its_range_is_named() => await FailsAsync(folder.Path, "Titles", "between 1 and", ("Seed__Titles", "0"));

    [Theory]
    [InlineData("Viewing__QualifyingSeconds", "Viewing:QualifyingSeconds")]
    [InlineData("Compatibility__OpenAccess", "Compatibility:OpenAccess")]
    public async Task Setting_that_cannot_be_read_is_named(string name, string key) => await FailsAsync(folder.Path, key, "'soon'", (name, "soon"));

    private async Task FailsAsync(string path, string says, string saysToo, params (string, string)[] settings)
    {
        await using var server = ServerProcess.Start(path, port, settings);

        await server.FailsAsync(says, saysToo);
    }

    /// <summary>A checkpoint first, so that no page of the write-ahead log hides what is done to the file.</summary>
    private static void Overwrite(string file)
    {
        Execute(file, "PRAGMA wal_checkpoint(TRUNCATE)");
        var noise = new byte[12 * 1024];
        new Random(5).NextBytes(noise);
        using var stream = File.OpenWrite(file);
        stream.Position = stream.Length / 2;
        stream.Write(noise.AsSpan(0, (int)Math.Min(noise.Length, stream.Length - stream.Position)));
    }

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
