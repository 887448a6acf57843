using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Http;

/// <summary>
/// The whole program in this process on Kestrel, since limits and bad requests are the server's own business, with a
/// data folder of its own. Tests share it, so each takes titles that no other test touches.
/// </summary>
public class StreamingApplication : WebApplicationFactory<Program>
{
    /// <summary>More than one default page of ids; a tenth as many people, so more than a title's details show.</summary>
    public const int Titles = 1_600;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("streaming-http-");
    private readonly string environment;
    private readonly (string Key, string Value)[] settings;
    private readonly Lazy<Api> api;
    private readonly Lazy<Guid[]> contentIds;
    private readonly Lazy<Guid[]> userIds;
    private int takenTitles;
    private int takenUsers;

    public StreamingApplication()
        : this(Environments.Development)
    {
    }

    internal StreamingApplication(string environment, params (string Key, string Value)[] settings)
    {
        this.environment = environment;
        this.settings = settings;
        UseKestrel(0);
        api = new Lazy<Api>(() =>
        {
            StartServer();
            return new Api(CreateClient());
        });
        contentIds = new Lazy<Guid[]>(() => ReadIds("/api/v1/content/ids?limit=10000"));
        userIds = new Lazy<Guid[]>(() => ReadIds("/api/v1/content/users/ids?limit=10000"));
    }

    internal Api Api => api.Value;

    internal IReadOnlyList<Guid> ContentIds => contentIds.Value;

    internal IReadOnlyList<Guid> UserIds => userIds.Value;

    /// <summary>Every route that the program maps, as <c>GET /path/{id}</c>.</summary>
    internal IReadOnlyList<string> Routes
    {
        get
        {
            _ = Api;
            return [.. Services.GetServices<EndpointDataSource>()
                .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                    .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"))
                .Distinct().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Who may use each of them.</summary>
    internal IReadOnlyList<string> Policies
    {
        get
        {
            _ = Api;
            return [.. Services.GetServices<EndpointDataSource>()
                .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                    .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}: {endpoint.Metadata.GetMetadata<RoutePolicy>()}"))
                .Distinct().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>A token, as a header, of an account that need not be in the store: the front asks for none.</summary>
    internal (string Name, string Value) Token(Guid? userId = null, AccountRole role = AccountRole.User)
    {
        _ = Api;
        var account = new Account(userId ?? Guid.NewGuid(), "somebody@example.com", "Somebody", role, DateTimeOffset.UnixEpoch, null);
        return ("Authorization", "Bearer " + Services.GetRequiredService<AccessTokens>().Make(account, Guid.NewGuid()));
    }

    internal (string Name, string Value) Administrator() => Token(role: AccountRole.Admin);

    /// <summary>A title that no other test uses.</summary>
    internal Guid TakeTitle() => ContentIds[Interlocked.Increment(ref takenTitles) - 1];

    /// <summary>A person whom no other test that takes one uses.</summary>
    internal Guid TakeUser() => UserIds[Interlocked.Increment(ref takenUsers) - 1];

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("Storage:Path", folder.FullName);
        builder.UseSetting("Auth:SigningKey", Tests.Auth.TokenParts.Key);
        builder.UseSetting("Auth:AccessPollMilliseconds", "100");
        builder.UseSetting("Seed:Titles", Titles.ToString(System.Globalization.CultureInfo.InvariantCulture));
        builder.UseSetting("Ledger:ApplyIntervalMilliseconds", "50");
        builder.UseSetting("Viewing:TrendingRefreshSeconds", "1");
        builder.UseSetting("RateLimits:Enabled", "false");
        // Far fewer than the settings allow: these tests make hundreds of accounts, and none is about what a hash costs.
        builder.ConfigureServices(services => services.PostConfigure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1_000));
        // In Development the server's own address is the one that its URLs can be fetched from.
        if (environment != Environments.Development)
        {
            builder.UseSetting("Media:SigningKey", Tests.Auth.TokenParts.Key);
            builder.UseSetting("Media:PublicBaseUrl", "https://video.example.com");
        }

        foreach (var (key, value) in settings)
            builder.UseSetting(key, value);
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private Guid[] ReadIds(string path) =>
        [.. Task.Run(() => Api.GetAsync(path, Administrator())).GetAwaiter().GetResult().Is(200).Json.EnumerateArray().Select(id => id.GetGuid())];
}

/// <summary>One application for all classes that name it.</summary>
[CollectionDefinition(Name)]
public sealed class HttpTests : ICollectionFixture<StreamingApplication>
{
    public const string Name = "Http";
}
