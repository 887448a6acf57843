using System.Text.RegularExpressions;
using Npgsql;
using Streaming.Storage;

namespace Streaming.Tests.Storage;

/// <summary>What <c>eng/servers</c> says, over a folder as it leaves one; nothing is started.</summary>
public sealed partial class ServerScriptTests : IDisposable
{
    private static readonly string[] TestNames = ["METADATA", "ANALYTICS", "REPLICA", "ORLEANS", "MONGODB", "REDIS"];

    private readonly TemporaryFolder folder = new();

    public ServerScriptTests()
    {
        File.WriteAllText(Path.Combine(folder.Path, "streaming-servers"), "");
        File.WriteAllText(Path.Combine(folder.Path, "port"), "15000\n");
        File.WriteAllText(Path.Combine(folder.Path, "password"), "secret\n");
        Directory.CreateDirectory(Path.Combine(folder.Path, "mongo"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_environment_names_every_connection_string_and_every_test_server()
    {
        var lines = await EnvironmentAsync("env");

        Assert.Equal("Servers", lines["Storage__Family"]);
        foreach (var property in typeof(ConnectionOptions).GetProperties())
            Assert.NotEmpty(lines[$"{ConnectionOptions.Section}__{property.Name}"]);

        foreach (var name in TestNames)
            Assert.NotEmpty(lines[$"STREAMING_TEST_{name}"]);
    }

    [Fact]
    public async Task The_environment_of_tests_leaves_the_programs_as_they_are()
    {
        var lines = await EnvironmentAsync("env", "test");
        Assert.Equal(
            TestNames.Select(name => $"STREAMING_TEST_{name}").Append("STREAMING_SERVERS_DIR").Order(), lines.Keys.Order());
    }

    [Fact]
    public async Task People_and_tests_have_databases_of_their_own()
    {
        var lines = await EnvironmentAsync("env");
        var databases = lines.Values.Where(value => value.StartsWith("Host=", StringComparison.Ordinal))
            .Select(value => new NpgsqlConnectionStringBuilder(value)).ToArray();
        Assert.Equal(8, databases.Select(database => (database.Port, database.Database)).Distinct().Count());
        Assert.All(databases, database => Assert.Equal(("127.0.0.1", "streaming", "secret"), (database.Host, database.Username, database.Password)));
        Assert.NotEqual(lines["ConnectionStrings__Redis"], lines["STREAMING_TEST_REDIS"]);
        Assert.NotEqual(lines["ConnectionStrings__Mongo"], lines["STREAMING_TEST_MONGODB"]);
    }

    [Fact]
    public async Task A_test_server_that_is_named_already_stays()
    {
        var (code, output, _) = await RunAsync(["env"], ("STREAMING_TEST_METADATA", "Host=citus"));
        Assert.Equal(0, code);
        Assert.DoesNotContain("STREAMING_TEST_METADATA", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("stop", "oracle")]
    [InlineData("stop", "metadata", "--mode", "gentle")]
    [InlineData("env", "everything")]
    [InlineData("up", "metadata")]
    public async Task What_it_does_not_know_fails_and_stops_nothing(params string[] arguments)
    {
        var (code, _, _) = await RunAsync(arguments);
        Assert.NotEqual(0, code);
        Assert.True(Directory.Exists(folder.Path));
    }

    [Fact]
    public async Task Servers_that_do_not_run_are_told()
    {
        var (code, output, _) = await RunAsync(["status"]);
        Assert.Equal(1, code);
        Assert.Equal(5, Regex.Count(output, "does not run"));
    }

    [Fact]
    public async Task A_citus_has_workers_and_the_same_connection_strings()
    {
        var plain = await EnvironmentAsync("env");
        File.WriteAllText(Path.Combine(folder.Path, "citus"), "");

        Assert.Equal(plain, await EnvironmentAsync("env"));
        Assert.Equal(7, Regex.Count((await RunAsync(["status"])).Output, "does not run"));
    }

    [Fact]
    public async Task Servers_without_citus_do_not_become_one()
    {
        var (code, _, errors) = await RunAsync(["up"], ("STREAMING_CITUS", "1"));

        Assert.Equal(1, code);
        Assert.Contains("made without Citus", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_it_did_not_make_is_left_alone()
    {
        File.Delete(Path.Combine(folder.Path, "streaming-servers"));
        await RunAsync(["down"]);
        Assert.True(File.Exists(Path.Combine(folder.Path, "password")));
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.Equal((0, ""), (code, errors));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => ExportLine().Match(line)).ToDictionary(
            match => match.Groups[1].Value, match => match.Groups[2].Value);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, params (string Name, string? Value)[] environment) =>
        ServerScript.RunAsync(
            arguments,
            [
                ("STREAMING_SERVERS_DIR", folder.Path),
                ("STREAMING_CITUS", null),
                .. TestNames.Select(name => ($"STREAMING_TEST_{name}", (string?)null)),
                .. environment,
            ]);

    [GeneratedRegex("^export ([A-Za-z_]+)='([^']+)'$")]
    private static partial Regex ExportLine();
}
