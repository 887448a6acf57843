using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Media;
using Streaming.Silo;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Media;

public sealed class MediaServicesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> lines = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Media_are_beside_the_data_unless_they_have_a_folder_of_their_own()
    {
        var own = Path.Combine(folder.Path, "own");
        await using (var services = Services(Read(("Storage:Path", folder.Path))).BuildServiceProvider())
            Assert.Equal(Path.Combine(folder.Path, "media"), services.GetRequiredService<MediaFolder>().Root);

        await using (var services = Services(Read(("Storage:Path", folder.Path), ("Media:Path", own))).BuildServiceProvider())
            Assert.Equal(own, services.GetRequiredService<MediaFolder>().Root);
    }

    [Theory]
    // The lock of the data folder keeps others away from what is in it, and from nothing else.
    [InlineData("Embedded", false, true)]
    [InlineData("Embedded", true, false)]
    [InlineData("Servers", false, false)]
    public async Task A_start_removes_what_surely_is_left_over(string family, bool elsewhere, bool isRemoved)
    {
        var media = Path.Combine(folder.Path, "media");
        (string, string)[] path = elsewhere ? [("Media:Path", media)] : [];
        await using var services = Services(Read([("Storage:Path", folder.Path), ("Storage:Family", family), .. path])).BuildServiceProvider();
        await using var upload = services.GetRequiredService<UploadSpool>().Create(Guid.NewGuid());
        await RunAsync(services);
        Assert.Equal(!isRemoved, File.Exists(upload.Path));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_said_in_one_line_and_stops_nothing()
    {
        await using var services = Services(Read(("Media:Path", "/proc/streaming-media"))).BuildServiceProvider();
        await RunAsync(services);
        var line = Assert.Single(lines);
        Assert.Contains("/proc/streaming-media", line, StringComparison.Ordinal);
        Assert.Contains("Media__Path", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData("Cloudinary__CloudName, Cloudinary__ApiKey, Cloudinary__ApiSecret")]
    [InlineData("Cloudinary__ApiSecret", "CloudName:demo", "ApiKey:1")]
    [InlineData("CloudName", "CloudName:https://demo", "ApiKey:1", "ApiSecret:2")]
    [InlineData("https://", "CloudName:demo", "ApiKey:1", "ApiSecret:2", "ApiUrl:http://example.com")]
    [InlineData("https://", "CloudName:demo", "ApiKey:1", "ApiSecret:2", "DeliveryUrl:/relative")]
    public async Task What_Cloudinary_needs_is_asked_for_in_one_line(string named, params string[] settings)
    {
        var pairs = settings.Select(setting => setting.Split(':', 2)).Select(pair => ($"Cloudinary:{pair[0]}", pair[1]));
        await using var services = Services(Read([("Media:Store", "Cloudinary"), .. pairs])).BuildServiceProvider();
        var refusal = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<CloudinaryOptions>>().Value);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private ServiceCollection Services(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new Lines(lines))).AddSingleton(configuration).AddStreamingMedia(configuration);
        return services;
    }

    private static async Task RunAsync(ServiceProvider services)
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(Cancel);
            await service.StopAsync(Cancel);
        }
    }

    private static IConfiguration Read(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();

    private sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Add(formatter(state, exception) + exception);
        }

        public void Dispose()
        {
        }
    }
}
