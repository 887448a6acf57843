using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Http;

/// <summary>Uploads over a socket, since they are about when a byte is read and when an answer comes.</summary>
[Collection(ClosedTests.Name)]
public sealed class UploadConnectionTests(ClosedApplication application)
{
    private const int Megabyte = 1_048_576;

    [Fact]
    public async Task Refusal_comes_before_the_file_where_the_client_waits_for_it()
    {
        var person = await application.SignUpAsync();
        using var upload = await UploadSocket.OpenAsync(application.Api.Server, person, 60 * Megabyte, "Expect: 100-continue\r\n");

        var answer = await upload.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Exceeding total storage limit of 50MB", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_waits_is_asked_for_the_file()
    {
        var person = await application.SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(Megabyte));
        using var upload = await UploadSocket.OpenAsync(application.Api.Server, person, form.Length, "Expect: 100-continue\r\nConnection: close\r\n");

        Assert.Equal("HTTP/1.1 100 Continue", await upload.ReadLineAsync());
        await upload.SendAsync(form);

        Assert.Equal("", await upload.ReadLineAsync());
        Assert.StartsWith("HTTP/1.1 200 OK", await upload.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_sends_everything_first_reads_the_refusal_and_goes_on()
    {
        var person = await application.SignUpAsync();
        var form = UploadSocket.Form(new byte[30 * Megabyte]);
        using var upload = await UploadSocket.OpenAsync(application.Api.Server, person, form.Length);
        await upload.SendAsync(form);

        Assert.StartsWith("HTTP/1.1 400 Bad Request", await upload.ReadAnswerAsync(), StringComparison.Ordinal);
        await upload.SendAsync(Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: {application.Api.Server.Authority}\r\n\r\n"));

        Assert.Equal("HTTP/1.1 200 OK", await upload.ReadLineAsync());
    }

    [Fact]
    public async Task One_upload_at_a_time_until_the_first_has_gone()
    {
        var person = await application.SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(4 * Megabyte));
        using (var first = await UploadSocket.OpenAsync(application.Api.Server, person, form.Length))
        {
            await first.SendAsync(form.AsMemory(0, 2 * Megabyte));
            await UntilUploadingAsync(person, 1);

            var refused = (await UploadAsync(person)).Is(400, "application/problem+json");
            Assert.Equal("Already uploading. Please wait for a moment before trying again.", refused.Json.GetProperty("message").GetString());
        }

        await UntilUploadingAsync(person, 0);
        (await UploadAsync(person)).IsJson();
        Assert.Empty(Directory.EnumerateFiles(application.Services.GetRequiredService<MediaFolder>().Incoming));
    }

    [Fact]
    public async Task Body_that_ends_too_early_leaves_nothing()
    {
        var person = await application.SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(Megabyte));
        using var upload = await UploadSocket.OpenAsync(application.Api.Server, person, form.Length);
        await upload.SendAsync(form.AsMemory(0, form.Length / 2));
        await UntilUploadingAsync(person, 1);

        upload.EndSending();

        await UntilUploadingAsync(person, 0);
        await Poll.UntilAsync(async () => (await application.Grains.GetGrain<IVideosGrain>(0).ListFromAsync(person.UserId, 0, 10)).Total == 0 ? null : "a video");
        (await UploadAsync(person)).IsJson();
    }

    private Task<Answer> UploadAsync(Person person) =>
        application.Api.SendAsync("POST", "/api/videos/upload", VideoFile.Form(VideoFile.Mp4(1_000)), person.Token);

    private Task UntilUploadingAsync(Person person, int uploads) => Poll.UntilAsync(async () =>
        (await application.Grains.GetGrain<IQuotaGrain>(person.UserId).GetUsageAsync())!.Uploads is var now && now == uploads ? null : $"{now} uploads");
}
