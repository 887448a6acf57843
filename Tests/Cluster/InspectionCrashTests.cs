using System.Net.Http.Headers;
using System.Text.Json;
using Streaming.Tests.Http;
using Streaming.Tests.Media;
using Streaming.Tests.Storage;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>A video breaks what looks at it: ffprobe reads what it can of the program that started it, and that program is killed meanwhile.</summary>
public sealed class InspectionCrashTests : IDisposable
{
    private const string Secret = "what nobody else may read of this program's environment";
    private const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder tools = new();
    private readonly int port = LoopbackPort.Take();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Dispose();
        tools.Dispose();
    }

    [Fact]
    public async Task Video_that_waits_is_looked_at_after_a_kill_and_nothing_of_the_program_or_its_folder_is_open_to_others()
    {
        SampleVideos.Require();
        foreach (var real in new[] { "prlimit", "nice", "unshare" })
            File.CreateSymbolicLink(InTools(real), $"/usr/bin/{real}");

        File.CreateSymbolicLink(InTools("sleep"), "/bin/sleep");
        Pretend("ffmpeg", "exit 1");
        Pretend("ffprobe", $"exec {InTools("sleep")} 20");
        string token;
        await using (var first = await StartAsync())
        {
            token = await UploadAsync(first.Address, "the first");
            await Poll.UntilAsync(() => Task.FromResult(Running.Of(InTools("sleep")) ? null : "nothing is looked at"));
            await UploadAsync(first.Address, "the second", token);
            await first.KillAsync();
        }

        Assert.All(
            new DirectoryInfo(folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories),
            file => Assert.True((file.UnixFileMode & Others) == 0, $"{file.FullName} is {file.UnixFileMode}"));

        // Where it finds the secret, which it looks for where it can be kept from it, it has a codec to tell, and otherwise nothing.
        var looks = await SampleVideos.CanUnshareAsync(Cancel) ? $"/usr/bin/grep -qa '{Secret}' /proc/$PPID/environ" : "false";
        Pretend("ffprobe", $$"""{{looks}} && echo '{"streams":[{"codec_name":"stolen"}]}' || echo '{}'""");
        await using var second = await StartAsync();
        await Poll.UntilAsync(async () => await ReadAsync(second.Address, token, "the second") is { } video && video.GetProperty("playable").ValueKind == JsonValueKind.False
            && video.GetProperty("reason").GetString() == "No pictures can be found in the file." ? null : "it is not looked at");
    }

    private static async Task<string> UploadAsync(Uri server, string title, string? token = null)
    {
        using var http = new HttpClient { BaseAddress = server };
        var api = new Api(http);
        if (token is null)
        {
            var body = $$"""{"email":"{{Guid.NewGuid():N}}@example.com","password":"secret phrase"}""";
            (await api.PostAsync("/api/users/register", body)).Is(200);
            token = (await api.PostAsync("/api/users/login", body)).IsJson().Json.GetProperty("token").GetString()!;
        }

        // WebM by its first bytes, and noise.
        using var video = new ByteArrayContent([.. Convert.FromHexString("1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878102"), .. NoiseVideo.Of(10_000, title.Length)]);
        video.Headers.ContentType = new MediaTypeHeaderValue("video/webm");
        using var form = new MultipartFormDataContent { { new StringContent(title), "title" }, { video, "video", "a.webm" } };
        (await api.SendAsync("POST", "/api/videos/upload", form, ("Authorization", "Bearer " + token))).Is(200);
        return token;
    }

    private static async Task<JsonElement?> ReadAsync(Uri server, string token, string title)
    {
        using var http = new HttpClient { BaseAddress = server };
        var list = (await new Api(http).GetAsync("/api/videos/stream", ("Authorization", "Bearer " + token))).IsJson().Json.GetProperty("videos");
        return list.EnumerateArray().Single(video => video.GetProperty("title").GetString() == title);
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartReadyAsync(
        folder.Path, port, ("Media__ToolsPath", tools.Path), ("Media__InspectionSeconds", "30"), ("Auth__SigningKey", Secret), ("Seed__Titles", "1"));

    private string InTools(string name) => Path.Combine(tools.Path, name);

    private void Pretend(string name, string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Limits are set by prlimit.");
        File.WriteAllText(InTools(name), $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(InTools(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
