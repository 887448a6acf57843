using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Http;

/// <summary>A front that waits less than others do, and lets few and small uploads in.</summary>
public sealed class ImpatientApplication() : StreamingApplication(
    Environments.Development, ("Compatibility:OpenAccess", "false"),
    ("Uploads:GraceSeconds", "2"), ("Uploads:MaxMinutes", "0.1"), ("Uploads:MaxMegabytes", "2"), ("Uploads:AtOnce", "2"), ("Quota:ParallelUploads", "10"));

public sealed class UploadLimitTests(ImpatientApplication application) : IClassFixture<ImpatientApplication>
{
    private const int Megabyte = 1_048_576;

    private readonly Api api = application.Api;

    [Fact]
    public async Task Client_that_stops_sending_is_told_and_leaves_nothing()
    {
        var person = await SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(Megabyte));
        using var upload = await UploadSocket.OpenAsync(api.Server, person, form.Length);
        await upload.SendAsync(form.AsMemory(0, 10_000));

        var answer = await upload.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 408 Request Timeout", answer, StringComparison.Ordinal);
        Assert.Contains("too slowly", answer, StringComparison.Ordinal);
        await IsNothingLeftAsync(person);
    }

    [Fact]
    public async Task Client_that_drips_for_too_long_is_told()
    {
        var person = await SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(2 * Megabyte));
        using var upload = await UploadSocket.OpenAsync(api.Server, person, form.Length);
        var answer = upload.ReadLineAsync();

        // As fast as the slowest rate allows, which would take half a minute.
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var sent = 0; !answer.IsCompleted && sent < form.Length; sent += 6_000)
        {
            await upload.SendAsync(form.AsMemory(sent, Math.Min(6_000, form.Length - sent)));
            await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer);
        await IsNothingLeftAsync(person);
    }

    [Fact]
    public async Task File_is_as_large_as_the_front_takes_it_whatever_the_quota()
    {
        var person = await SignUpAsync();

        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(2 * Megabyte)))).IsJson();
        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4((2 * Megabyte) + 100_000)))).IsProblem(413, message: "A video has at most 2 MB.");
        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4((2 * Megabyte) + 1)))).IsProblem(413, message: "A video has at most 2 MB.");
        (await UploadAsync(person, new ChunkedContent(VideoFile.Form(VideoFile.Mp4(3 * Megabyte))))).IsProblem(413, message: "A video has at most 2 MB.");
    }

    [Fact]
    public async Task Front_takes_so_many_uploads_at_once()
    {
        var person = await SignUpAsync();
        var form = UploadSocket.Form(VideoFile.Mp4(Megabyte));
        using var first = await UploadSocket.OpenAsync(api.Server, person, form.Length);
        using var second = await UploadSocket.OpenAsync(api.Server, person, form.Length);
        await first.SendAsync(form.AsMemory(0, 500_000));
        await second.SendAsync(form.AsMemory(0, 500_000));
        await UntilUploadingAsync(person, 2);

        var refused = (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(1_000)))).IsProblem(503);
        await first.SendAsync(form.AsMemory(500_000));
        await second.SendAsync(form.AsMemory(500_000));

        Assert.Equal("5", refused.Headers["Retry-After"]);
        Assert.Equal("HTTP/1.1 200 OK", await first.ReadLineAsync());
        Assert.Equal("HTTP/1.1 200 OK", await second.ReadLineAsync());
    }

    private async Task<Person> SignUpAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        (await api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        return await Person.LogInAsync(api, email);
    }

    private Task<Answer> UploadAsync(Person person, HttpContent form) => api.SendAsync("POST", "/api/videos/upload", form, person.Token);

    private async Task IsNothingLeftAsync(Person person)
    {
        await UntilUploadingAsync(person, 0);
        Assert.Empty(Directory.EnumerateFiles(application.Services.GetRequiredService<MediaFolder>().Incoming));
    }

    private Task UntilUploadingAsync(Person person, int uploads) => Poll.UntilAsync(async () =>
        (await application.Services.GetRequiredService<IGrainFactory>().GetGrain<IQuotaGrain>(person.UserId).GetUsageAsync())!.Uploads is var now && now == uploads
            ? null
            : $"{now} uploads");
}

/// <summary>A front whose disk may not be filled any more.</summary>
public sealed class FullApplication() : StreamingApplication(
    Environments.Development, ("Compatibility:OpenAccess", "false"), ("Media:MinFreeMegabytes", "100000000"));

public sealed class UploadToFullDiskTests(FullApplication application) : IClassFixture<FullApplication>
{
    [Fact]
    public async Task Full_disk_refuses_uploads_before_they_are_read()
    {
        var form = UploadSocket.Form(VideoFile.Mp4(1_000));
        var email = $"{Guid.NewGuid():N}@example.com";
        (await application.Api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        var person = await Person.LogInAsync(application.Api, email);
        using var upload = await UploadSocket.OpenAsync(application.Api.Server, person, form.Length, "Expect: 100-continue\r\n");

        Assert.Equal("HTTP/1.1 507 Insufficient Storage", await upload.ReadLineAsync());
    }
}
