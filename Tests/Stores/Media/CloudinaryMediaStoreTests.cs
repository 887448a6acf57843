using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Media;
using Streaming.Silo;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed class CloudinaryMediaStoreTests : MediaStoreContract
{
    // Two whole parts and the rest of one.
    private const int InThreeParts = (2 * CloudinaryMediaStore.ChunkBytes) + 1_000;

    private readonly HttpClient client = new();
    private readonly List<ServiceProvider> composed = [];
    private CloudinaryDouble cloudinary = null!;
    private IMediaStore store = null!;

    protected override int Large => InThreeParts;

    private protected override IMediaStore Store => store;

    public override async ValueTask InitializeAsync()
    {
        cloudinary = await CloudinaryDouble.StartAsync();
        store = Compose();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var services in composed)
            await services.DisposeAsync();

        client.Dispose();
        await cloudinary.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_small_file_goes_in_one_request_and_a_large_one_in_parts_of_one_upload()
    {
        await PutAsync(Guid.NewGuid(), MediaFiles.Bytes(CloudinaryMediaStore.ChunkBytes));
        Assert.Equal([null], cloudinary.Ranges);

        await PutAsync(Guid.NewGuid(), MediaFiles.Bytes(InThreeParts));
        Assert.Equal(
            [$"bytes 0-20971519/{InThreeParts}", $"bytes 20971520-41943039/{InThreeParts}", $"bytes 41943040-{InThreeParts - 1}/{InThreeParts}"],
            cloudinary.Ranges.Skip(1));
    }

    [Fact]
    public async Task A_part_that_failed_is_sent_again_and_no_other()
    {
        cloudinary.Before = (number, _) => Task.FromResult(number == 2 ? CloudinaryDouble.Fail(503, "Later") : null);
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(InThreeParts));
        await PutAsync(id, bytes);
        Assert.Equal(4, cloudinary.Requests);
        Assert.Equal(cloudinary.Ranges[1], cloudinary.Ranges[2]);
        Assert.Equal(bytes, await GetAsync(id));
    }

    [Fact]
    public async Task A_part_whose_answer_was_lost_is_sent_again()
    {
        cloudinary.After = (number, context) => number == 1 ? CutOffAsync(context) : Task.FromResult<IResult?>(null);
        var (id, bytes) = (Guid.NewGuid(), MediaFiles.Bytes(InThreeParts));
        await PutAsync(id, bytes);
        Assert.Equal(bytes, await GetAsync(id));
    }

    [Fact]
    public async Task A_service_that_asks_for_time_is_asked_again()
    {
        cloudinary.Before = (number, context) =>
        {
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(number < 3 ? CloudinaryDouble.Fail(429, "Too many") : null);
        };
        var id = Guid.NewGuid();
        await PutAsync(id, MediaFiles.Bytes(1_000));
        Assert.Equal(3, cloudinary.Requests);
        await Store.DeleteAsync(id, Cancel);
        Assert.Empty(cloudinary.Assets);
    }

    [Theory]
    [InlineData(400, MediaFailure.Refused)]
    [InlineData(401, MediaFailure.Refused)]
    [InlineData(403, MediaFailure.Refused)]
    [InlineData(420, MediaFailure.Unavailable)]
    [InlineData(429, MediaFailure.Unavailable)]
    [InlineData(500, MediaFailure.Unavailable)]
    [InlineData(503, MediaFailure.Unavailable)]
    [InlineData(504, MediaFailure.Unknown)]
    public async Task A_failure_is_told_as_what_it_means(int status, MediaFailure expected)
    {
        // After the body, so that it has surely been sent.
        cloudinary.After = (_, _) => Task.FromResult<IResult?>(CloudinaryDouble.Fail(status, "File size too large"));
        var failure = await FailureAsync();
        Assert.Equal(expected, failure.Failure);
        Assert.Equal(status == 400, failure.Message.Contains("File size too large", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whether_a_file_is_there_that_got_no_answer_is_unknown()
    {
        store = Compose(("Cloudinary:RequestSeconds", "1"));
        cloudinary.After = (_, context) => cloudinary.HangAsync(context);
        Assert.Equal(MediaFailure.Unknown, (await FailureAsync()).Failure);
    }

    [Fact]
    public async Task A_failure_after_a_lost_answer_does_not_make_it_known()
    {
        cloudinary.After = (number, context) => number == 1 ? CutOffAsync(context) : Task.FromResult<IResult?>(null);
        cloudinary.Before = (number, _) => Task.FromResult(number > 1 ? CloudinaryDouble.Fail(500, "Broken") : null);
        Assert.Equal(MediaFailure.Unknown, (await FailureAsync()).Failure);
    }

    [Fact]
    public async Task A_file_whose_last_part_was_not_sent_is_not_there()
    {
        store = Compose(("Cloudinary:RequestSeconds", "1"));
        cloudinary.Before = (_, context) => cloudinary.HangAsync(context);
        Assert.Equal(MediaFailure.Unavailable, (await FailureAsync(InThreeParts)).Failure);
    }

    [Fact]
    public async Task A_service_that_is_away_is_unavailable()
    {
        await cloudinary.DisposeAsync();
        Assert.Equal(MediaFailure.Unavailable, (await FailureAsync()).Failure);
        Assert.Equal(
            MediaFailure.Unavailable, (await Assert.ThrowsAsync<MediaStoreException>(() => Store.DeleteAsync(Guid.NewGuid(), Cancel))).Failure);
        cloudinary = await CloudinaryDouble.StartAsync();
    }

    [Fact]
    public async Task A_caller_that_waits_no_longer_is_let_go()
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        cloudinary.Before = async (_, context) =>
        {
            await given.CancelAsync();
            return await cloudinary.HangAsync(context);
        };
        var file = await FileAsync(MediaFiles.Bytes(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(Guid.NewGuid(), MediaKind.Video, file, given.Token));
    }

    [Fact]
    public async Task A_wrong_secret_is_told_without_it_and_without_what_it_signs()
    {
        store = Compose(("Cloudinary:ApiSecret", "another-secret"));
        var failure = await FailureAsync();
        Assert.Equal(MediaFailure.Refused, failure.Failure);
        Assert.Contains("Cloudinary__ApiSecret", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another-secret", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("timestamp", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(cloudinary.Assets);
    }

    [Fact]
    public async Task A_video_is_nobodys_without_its_signature()
    {
        var id = Guid.NewGuid();
        await PutAsync(id, MediaFiles.Bytes(1_000));
        var url = Assert.IsType<MediaContent.Elsewhere>(await Store.OpenAsync(id, MediaKind.Video, Cancel)).Url;
        Assert.Equal($"/double/video/authenticated/s--{CloudinaryMediaStore.SignDelivery($"videos/{id:D}", CloudinaryDouble.Secret)}--/v1/videos/{id:D}", url.AbsolutePath);

        using var other = await client.GetAsync(new Uri(url.AbsoluteUri.Replace($"{id:D}", $"{Guid.NewGuid():D}", StringComparison.Ordinal)), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public void Signatures_are_those_of_the_services_own_libraries()
    {
        // Values of the tests of its library for .NET.
        Assert.Equal(
            "45ddaa4fa01f0c2826f32f669d2e4514faf275fe6df053f1a150e7beae58a3bd",
            CloudinaryMediaStore.SignParameters(
                new Dictionary<string, string> { ["username"] = "user@cloudinary.com", ["timestamp"] = "1568810420", ["cloud_name"] = "dn6ot3ged" },
                "hdcixPpR2iKERPwqvH6sHdK9cyac"));
        Assert.Equal("2hbrSMPOjj5BJ4xV7SgFbRDevFaQNUFf", CloudinaryMediaStore.SignDelivery("sample.jpg", "b"));
    }

    private protected override async Task<byte[]?> ReadAsync(MediaContent content)
    {
        using var answer = await client.GetAsync(Assert.IsType<MediaContent.Elsewhere>(content).Url, Cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(Cancel);
    }

    private static Task<IResult?> CutOffAsync(HttpContext context)
    {
        context.Abort();
        return Task.FromResult<IResult?>(Results.Empty);
    }

    private async Task<MediaStoreException> FailureAsync(int bytes = 1_000)
    {
        var file = await FileAsync(MediaFiles.Bytes(bytes));
        return await Assert.ThrowsAsync<MediaStoreException>(() => Store.PutAsync(Guid.NewGuid(), MediaKind.Video, file, Cancel));
    }

    /// <summary>As the programs compose it.</summary>
    private CloudinaryMediaStore Compose(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Media:Store"] = "Cloudinary",
            ["Cloudinary:CloudName"] = CloudinaryDouble.Cloud,
            ["Cloudinary:ApiKey"] = CloudinaryDouble.Key,
            ["Cloudinary:ApiSecret"] = CloudinaryDouble.Secret,
            ["Cloudinary:ApiUrl"] = cloudinary.Url.AbsoluteUri,
            ["Cloudinary:DeliveryUrl"] = cloudinary.Url.AbsoluteUri,
        };
        foreach (var (name, value) in settings)
            all[name] = value;

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddStreamingMedia(configuration).BuildServiceProvider();
        composed.Add(services);
        return Assert.IsType<CloudinaryMediaStore>(services.GetRequiredService<IMediaStore>());
    }
}
