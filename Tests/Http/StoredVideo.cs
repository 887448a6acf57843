using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Tests.Storage;
using Streaming.Videos;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Http;

/// <summary>A video with its file, as an upload leaves it, and what a player asks for.</summary>
internal sealed class StoredVideo(StreamingApplication application, Guid id, Guid owner, byte[] bytes)
{
    public Guid Id => id;

    public Guid Owner => owner;

    public byte[] Bytes => bytes;

    public IVideoGrain Grain => application.Services.GetRequiredService<IGrainFactory>().GetGrain<IVideoGrain>(id);

    public IQuotaGrain Quota => application.Services.GetRequiredService<IGrainFactory>().GetGrain<IQuotaGrain>(owner);

    /// <summary>The path of its URL for its owner.</summary>
    public string Path => new Uri(application.Services.GetRequiredService<MediaUrls>().Of(id, owner)).AbsolutePath;

    public string ImagePath => Path.Replace(".mp4", ".jpg", StringComparison.Ordinal);

    public static async Task<StoredVideo> MakeAsync(
        StreamingApplication application, int length = 1_000, VideoFormat format = VideoFormat.Mp4, byte[]? image = null, Guid? owner = null)
    {
        _ = application.Api;
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var video = new StoredVideo(application, Guid.NewGuid(), owner ?? application.TakeUser(), bytes);
        Assert.Equal(UploadStatus.Granted, (await video.Quota.ReserveAsync(video.Id, length, length)).Status);
        await video.PutAsync(MediaKind.Video, bytes);
        if (image is not null)
            await video.PutAsync(MediaKind.Image, image);

        Assert.NotNull(await video.Quota.SettleAsync(new NewVideo(video.Id, video.Owner, "A clip", format, length)));
        return video;
    }

    public Task<(HttpResponseMessage Response, byte[] Body)> GetAsync(string? range = null, string? path = null) => SendAsync(HttpMethod.Get, path, request =>
    {
        if (range is not null)
            request.Headers.Range = RangeHeaderValue.Parse(range);
    });

    public async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(HttpMethod method, string? path = null, Action<HttpRequestMessage>? change = null)
    {
        using var http = application.CreateClient();
        using var request = new HttpRequestMessage(method, new Uri(path ?? Path, UriKind.Relative));
        change?.Invoke(request);
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public async Task<long> DownloadedAsync() => (await Quota.GetUsageAsync())!.DownloadedBytes;

    public Task UntilDownloadedAsync(long expected) => Poll.UntilAsync(async () =>
        await DownloadedAsync() is var bytes && bytes == expected ? null : $"{bytes} bytes are counted, not {expected}");

    private async Task PutAsync(MediaKind kind, byte[] content)
    {
        using var folder = new TemporaryFolder();
        var file = System.IO.Path.Combine(folder.Path, "file");
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        var store = application.Services.GetRequiredService<IMediaStore>();
        await store.PutAsync(id, kind, new MediaFile(file, content.Length, "video/mp4"), TestContext.Current.CancellationToken);
    }
}
