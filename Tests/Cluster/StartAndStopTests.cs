using System.Text.Json.Nodes;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

public sealed class StartAndStopTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task First_start_seeds_and_says_where_to_go()
    {
        await using var server = await ServerProcess.StartReadyAsync(folder.Path, port);

        Assert.StartsWith("Making demo data: 50 titles, 50 people", server.Output[0], StringComparison.Ordinal);
        var told = string.Join('\n', server.Output);
        Assert.Contains($"{server.Address}api/v1/content/ids", told, StringComparison.Ordinal);
        Assert.Contains($"{server.Address}api-docs", told, StringComparison.Ordinal);
        Assert.Contains(folder.Path, told, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = server.Address };
        Assert.Equal(50, (await new Api(http).GetAsync("/api/v1/content/ids")).IsJson().Json.GetArrayLength());
        Assert.Empty(server.Errors);
    }

    [Theory]
    [InlineData(NativeMethods.Interrupt)]
    [InlineData(NativeMethods.Terminate)]
    public async Task Signal_stops_it_in_order(int signal)
    {
        await using var server = await ServerProcess.StartReadyAsync(folder.Path, port);

        server.Signal(signal);

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Empty(server.Errors);
        Assert.DoesNotContain(server.Output, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Second_start_finds_what_the_first_left()
    {
        string ids;
        Guid title, user;
        await using (var server = await ServerProcess.StartReadyAsync(folder.Path, port))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = new Api(http);
            ids = (await api.GetAsync("/api/v1/content/ids")).IsJson().Text;
            title = (await api.GetAsync("/api/v1/content/ids")).Json[7].GetGuid();
            user = (await api.GetAsync("/api/v1/content/users/ids")).IsJson().Json[3].GetGuid();
            (await api.PostAsync($"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":3,"comment":"Before the stop"}""")).IsJson(201);
            (await api.PostAsync($"/api/v1/content/{title}/views", """{"count":123456}""")).IsJson();
            var beat = """{"position_seconds":333,"duration_seconds":1000,"session_id":"tv"}""";
            (await api.PutAsync($"/api/v1/users/{user}/progress/{title}", beat)).IsJson();
            var details = await LastingDetailsAsync(api, title);
            (await api.PutAsync($"/api/v1/users/{user}/progress/{title}", beat)).IsJson();
            await server.StopAsync();
            server.HasNoErrors();

            await using var second = await ServerProcess.StartReadyAsync(folder.Path, port);
            Assert.Equal(ids, (await api.GetAsync("/api/v1/content/ids")).IsJson().Text);
            Assert.Equal(details, await LastingDetailsAsync(api, title));
            var position = (await api.GetAsync($"/api/v1/users/{user}/progress/{title}")).IsJson().Json;
            Assert.Equal(333, position.GetProperty("position_seconds").GetInt32());
            Assert.DoesNotContain(second.Output, line => line.StartsWith("Making demo data", StringComparison.Ordinal));
            await second.StopAsync();
        }

        LedgerFiles.AreSettled(folder.Path);
    }

    /// <summary>All but who watches now, which this family keeps in memory.</summary>
    private static async Task<string> LastingDetailsAsync(Api api, Guid title)
    {
        var details = JsonNode.Parse((await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Text)!.AsObject();
        Assert.True(details.Remove("watching_now"));
        return details.ToJsonString();
    }
}
