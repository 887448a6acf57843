using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Streaming.Tests.Auth;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class MediaUrlTests
{
    private const string Base = "https://video.example.com";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 4, 20, 17, 3, TimeSpan.Zero));
    private readonly Guid video = Guid.NewGuid();
    private readonly Guid subject = Guid.NewGuid();

    [Fact]
    public void Url_lets_in_whom_it_was_made_for_and_says_until_when()
    {
        var urls = Urls();

        var url = urls.Of(video, subject);

        Assert.Matches($@"^{Base}/media/[0-9a-f]{{8}}\.[0-9]{{10}}\.{subject:N}\.[0-9a-f]{{32}}/{video}\.mp4$", url);
        Assert.True(urls.TryRead(SignatureOf(url), video, out var content));
        Assert.Equal((video, subject), (content.VideoId, content.Subject));
        Assert.InRange(content.ExpiresAt - time.GetUtcNow(), TimeSpan.FromMinutes(240), TimeSpan.FromMinutes(245));
    }

    [Fact]
    public void Video_and_subject_are_each_vouched_for()
    {
        var urls = Urls();
        var signature = SignatureOf(urls.Of(video, subject));

        Assert.False(urls.TryRead(signature, Guid.NewGuid(), out _));
        Assert.False(urls.TryRead(signature.Replace($"{subject:N}", $"{Guid.NewGuid():N}", StringComparison.Ordinal), video, out _));
        Assert.False(urls.TryRead(SignatureOf(urls.Of(Guid.NewGuid(), subject)), video, out _));
    }

    [Fact]
    public void Every_character_counts()
    {
        var urls = Urls();
        var signature = SignatureOf(urls.Of(video, subject));

        foreach (var at in Enumerable.Range(0, signature.Length))
        {
            var (before, after) = (signature[..at], signature[(at + 1)..]);
            foreach (var other in (string[])["", "0", "f", "F", "1", ".", "-", " ", signature[at] + "0", signature[at..(at + 1)].ToUpperInvariant()])
                Assert.True(other == signature[at..(at + 1)] || !urls.TryRead(before + other + after, video, out _), before + other + after);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("-")]
    [InlineData("a.b.c.d.e")]
    [InlineData("00000000.99999999999999999999.00000000000000000000000000000000.00000000000000000000000000000000")]
    public void Nonsense_is_refused(string signature) => Assert.False(Urls().TryRead(signature, video, out _));

    [Fact]
    public void Nonsense_that_names_the_right_key_is_refused()
    {
        var key = Keys(TokenParts.Key).Current.Id;

        foreach (var rest in (string[])["", ".", "...", $".-1.{subject:N}.00", $".9223372036854775807.{subject:N}.00", $".1.{subject}.00", new string('.', 10_000)])
            Assert.False(Urls().TryRead(key + rest, video, out _));
    }

    [Fact]
    public void Url_ends_with_its_second()
    {
        var urls = Urls();
        var signature = SignatureOf(urls.Of(video, subject));
        Assert.True(urls.TryRead(signature, video, out var content));

        time.SetUtcNow(content.ExpiresAt - TimeSpan.FromMilliseconds(1));
        Assert.True(urls.TryRead(signature, video, out _));
        time.SetUtcNow(content.ExpiresAt);
        Assert.False(urls.TryRead(signature, video, out _));
    }

    [Fact]
    public void Url_stays_the_same_for_five_minutes()
    {
        var urls = Urls();
        time.SetUtcNow(new DateTimeOffset(2026, 5, 4, 20, 20, 0, TimeSpan.Zero));
        var first = urls.Of(video, subject);

        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(first, urls.Of(video, subject));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.NotEqual(first, urls.Of(video, subject));
    }

    [Fact]
    public void Urls_of_the_previous_key_are_good_and_of_another_are_not()
    {
        var before = SignatureOf(Urls(TokenParts.Key).Of(video, subject));
        const string Next = "the next key of these tests, 40 bytes or so";

        Assert.True(Urls(Next, previous: TokenParts.Key).TryRead(before, video, out _));
        Assert.False(Urls(Next).TryRead(before, video, out _));
        Assert.NotEqual(before, SignatureOf(Urls(Next, previous: TokenParts.Key).Of(video, subject)));
    }

    [Fact]
    public void Pages_that_replace_the_first_extension_get_the_images_url()
    {
        var urls = Urls();

        foreach (var url in Enumerable.Range(0, 1_000).Select(_ => urls.Of(Guid.NewGuid(), Guid.NewGuid())))
            Assert.Equal(url.Length - 4, url.IndexOf(".mp4", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Media:SigningKey", "Media__SigningKey", null, null)]
    [InlineData("Media:SigningKey", "31", "only 31 bytes are too short, so", null)]
    [InlineData("Media:PreviousSigningKey", "base64", TokenParts.Key, "base64:none!")]
    public void Key_that_cannot_sign_is_named_at_the_start(string name, string says, string? key, string? previous)
    {
        var refusal = Assert.Throws<StartupException>(() => Keys(key, previous));

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("video.example.com")]
    [InlineData("/media")]
    [InlineData("ftp://video.example.com")]
    [InlineData("https://video.example.com?a=b")]
    [InlineData("https://video.example.com/#a")]
    [InlineData("https://somebody@video.example.com")]
    [InlineData("https://cdn.mp4.example.com")]
    public void Address_that_is_none_is_refused_at_the_start(string? url)
    {
        var refusal = Assert.Throws<StartupException>(() => Address(url, "Production"));

        Assert.Contains("Media:PublicBaseUrl", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://video.example.com/", "https://video.example.com")]
    [InlineData("https://example.com:8443/video/", "https://example.com:8443/video")]
    public void Address_is_as_it_was_set(string url, string address) => Assert.Equal(address, Address(url, "Production").Text);

    [Theory]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("http://127.0.0.1:41327", "http://127.0.0.1:41327")]
    [InlineData("http://0.0.0.0:3000", "http://localhost:3000")]
    [InlineData("https://[::]:3000", "https://localhost:3000")]
    [InlineData("http://*:80", "http://localhost:80")]
    public void In_Development_the_address_is_the_servers_own(string own, string address) => Assert.Equal(address, Address(null, "Development", own).Text);

    private static string SignatureOf(string url) => url.Split('/')[^2];

    private static MediaKeys Keys(string? key, string? previous = null) => MediaKeys.Read(
        new MediaUrlOptions { SigningKey = key, PreviousSigningKey = previous }, new HostingEnvironment { EnvironmentName = "Production" }, "");

    private static MediaAddress Address(string? url, string environment, params string[] own) => MediaAddress.Read(
        new MediaUrlOptions { PublicBaseUrl = url }, new HostingEnvironment { EnvironmentName = environment }, () => new Server(own));

    private MediaUrls Urls(string key = TokenParts.Key, string? previous = null) =>
        new(Keys(key, previous), Address(Base, "Production"), Options.Create(new MediaUrlOptions()), time);

    /// <summary>Listens nowhere, and says where it would.</summary>
    private sealed class Server : IServer, IServerAddressesFeature
    {
        public Server(string[] addresses)
        {
            Addresses = addresses;
            Features.Set<IServerAddressesFeature>(this);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public ICollection<string> Addresses { get; }

        public bool PreferHostingUrls { get; set; }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
