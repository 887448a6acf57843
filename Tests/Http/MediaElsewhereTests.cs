using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Hosting;
using Streaming.Tests.Media;

namespace Streaming.Tests.Http;

/// <summary>Media that others serve: our URL all the same, which leads there.</summary>
public sealed class MediaElsewhereTests : IAsyncLifetime
{
    private CloudinaryDouble cloudinary = null!;
    private StreamingApplication application = null!;

    public async ValueTask InitializeAsync()
    {
        cloudinary = await CloudinaryDouble.StartAsync();
        application = new StreamingApplication(
            Environments.Development,
            ("Media:Store", "Cloudinary"), ("Cloudinary:ApiUrl", cloudinary.Url.AbsoluteUri), ("Cloudinary:DeliveryUrl", cloudinary.Url.AbsoluteUri),
            ("Cloudinary:CloudName", CloudinaryDouble.Cloud), ("Cloudinary:ApiKey", CloudinaryDouble.Key), ("Cloudinary:ApiSecret", CloudinaryDouble.Secret));
    }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        await cloudinary.DisposeAsync();
    }

    [Fact]
    public async Task Client_is_led_to_the_bytes_each_time_and_charged_for_what_it_asks_for()
    {
        var video = await StoredVideo.MakeAsync(application, 5_000);
        Assert.Equal(video.Bytes, (await video.GetAsync()).Body);

        using var notFollowing = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(notFollowing) { BaseAddress = application.Api.Server };
        using var whole = await SendAsync(http, HttpMethod.Get, video.Path);
        Assert.Equal(HttpStatusCode.Found, whole.StatusCode);
        Assert.Equal(cloudinary.Url.Authority, whole.Headers.Location?.Authority);
        Assert.True(whole.Headers.CacheControl?.NoStore);
        Assert.Equal("cross-origin", Assert.Single(whole.Headers.GetValues("Cross-Origin-Resource-Policy")));
        (await SendAsync(http, HttpMethod.Get, video.Path, new RangeHeaderValue(1_000, 1_099))).Dispose();
        (await SendAsync(http, HttpMethod.Get, video.Path, new RangeHeaderValue(null, 7))).Dispose();
        (await SendAsync(http, HttpMethod.Get, video.Path, new RangeHeaderValue(5_000, null))).Dispose();
        (await SendAsync(http, HttpMethod.Head, video.Path)).Dispose();
        (await SendAsync(http, HttpMethod.Get, video.ImagePath)).Dispose();
        await video.UntilDownloadedAsync(5_000 + 5_000 + 100 + 7);

        Assert.True(await video.Grain.DeleteAsync(video.Owner));
        using var gone = await SendAsync(http, HttpMethod.Get, video.Path);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string path, RangeHeaderValue? range = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Range = range;
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
