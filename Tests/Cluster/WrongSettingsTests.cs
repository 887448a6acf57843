using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>All that is wrong with a program's settings is said at once, a line each, before it touches anything.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=secret";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Front_names_every_setting_that_is_wrong_with_its_range_and_place()
    {
        await using var front = ServerProcess.Start(
            Path.Combine(folder.Path, "data"),
            LoopbackPort.Take(),
            ("Auth__FreeFailures", "-5"),
            ("Auth__HashIterations", "1000"),
            ("Auth__TokenMinutes", "abc"),
            ("Auth__SigningKey", "short"),
            ("Auth__FirstAdministrator__Email", "nobody"),
            ("Auth__Issuer", new string('i', 201)),
            ("Cluster__Id", ""),
            ("Dashboard__UpdateSeconds", "0"),
            ("Dashboard__Enabled", "yes"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:99999;http://127.0.0.1:80a"),
            ("Ledger__ApplyIntervalMilliseconds", "20000"),
            ("Ledger__MaxApplyIntervalMilliseconds", "10"),
            ("Ledger__MaxUnappliedEntries", "99999999999999"),
            ("Viewing__ForgetBefore", "0.95"),
            ("Viewing__QualifyingFraction", "NaN"),
            ("Viewing__WatchedAfter", "1.4"),
            ("Videos__GraceHours", "1e300"),
            ("Quota__ParallelUploads", ""),
            ("Uploads__AtOnce", "12345678901234567890"),
            ("RateLimits__Login__Burst", "0"),
            ("RateLimits__Enabled", "maybe"),
            ("Media__Store", "Disk,Cloudinary"),
            ("Media__PublicBaseUrl", "ftp://video.example.com"),
            ("Compatibility__OpenAccess", "2"),
            ("Proxies__Hops", "0"),
            ("Cors__Origins", "player.example.com"),
            ("Telemetry__PrometheusPort", "70000"),
            ("Telemetry__PrometheusAddress", "metrics.example.com"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json"),
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_TRACES_SAMPLER_ARG", "5"),
            ("Logging__LogLevel__Default", "Loud"));

        await front.FailsWithAsync(
            "ASPNETCORE_URLS: cannot listen on 'http://127.0.0.1:99999': the port must be a whole number between 0 and 65535. ",
            "ASPNETCORE_URLS: cannot listen on 'http://127.0.0.1:80a': '127.0.0.1:80a' is neither an IP address (IPv6 in brackets) nor a name. ",
            "Auth:FreeFailures is '-5' and must be a whole number between 0 and 100. Correct it in the environment variable Auth__FreeFailures, or leave it out for 3.",
            "Auth:HashIterations is '1000' and must be a whole number between ",
            "Auth:TokenMinutes is 'abc' and must be a whole number between 1 and 60. ",
            "Auth:SigningKey has 5 bytes",
            "Auth:FirstAdministrator:Email ",
            "Auth:Issuer cannot be used and must be a text of 1 to 200 characters. ",
            "Cluster:Id is empty and must be a text of 1 to 100 characters. ",
            "Dashboard:UpdateSeconds is '0' and must be a whole number between 1 and 3600. ",
            "Dashboard:Enabled is 'yes' and must be true or false. ",
            "Ledger:ApplyIntervalMilliseconds (20000) must not be more than Ledger:MaxApplyIntervalMilliseconds (10). ",
            "Viewing:ForgetBefore (0.95) must not be more than Viewing:WatchedAfter (0.9). ",
            "Ledger:MaxUnappliedEntries is '99999999999999' and must be a whole number between 1000 and 100000000. ",
            "Viewing:QualifyingFraction is 'NaN' and must be a number between 0.01 and 1. ",
            "Viewing:WatchedAfter is '1.4' and must be a number between 0 and 1. ",
            "Videos:GraceHours is '1e300' and must be a number between 0 and 8784. ",
            "Quota:ParallelUploads is empty and must be a whole number between 1 and 100. ",
            "Uploads:AtOnce is '12345678901234567890' and must be a whole number between 1 and 10000. ",
            "RateLimits:Login:Burst is '0' and must be a whole number between 1 and 1000000. ",
            "RateLimits:Enabled is 'maybe' and must be true or false. ",
            "Media:Store is 'Disk,Cloudinary' and must be one of Disk, Cloudinary. ",
            "Media:PublicBaseUrl is no address",
            "Compatibility:OpenAccess is '2' and must be true or false. ",
            "Proxies:Hops 0 must be a whole number from 1 to 10",
            "Cors:Origins has \"player.example.com\"",
            "Telemetry:PrometheusPort is '70000' and must be a whole number between 0 and 65535. ",
            "Telemetry:PrometheusAddress is no IP address. ",
            "OTEL_EXPORTER_OTLP_ENDPOINT is no address of a collector. ",
            "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is 'http/json' and must be one of grpc, http/protobuf. ",
            "OTEL_METRICS_EXPORTER is 'prometheus' and must be one of otlp, none. ",
            "OTEL_TRACES_SAMPLER is 'sometimes' and must be one of always_on, ",
            "OTEL_TRACES_SAMPLER_ARG is '5' and must be a number between 0 and 1. ",
            "Logging:LogLevel:Default is none of Trace, ");
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Fact]
    public async Task Silo_names_every_setting_and_connection_string_that_is_wrong()
    {
        await using var silo = new SiloProcess(
        [
            ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("ASPNETCORE_URLS", ""),
            ("ASPNETCORE_HTTP_PORTS", "99999"),
            ("Storage__Family", "Servers"),
            ("Storage__StartWaitSeconds", "-1"),
            ("Storage__Federation__AnalyticsPort", "70000"),
            ("ConnectionStrings__Metadata", "Port=secret"),
            ("ConnectionStrings__AnalyticsReplica", "Database=secret"),
            ("ConnectionStrings__Mongo", "http://secret"),
            ("ConnectionStrings__Redis", "redis:6379,connectTimeout=secret"),
            ("Cluster__SiloPort", "x"),
            ("Cluster__DrainSeconds", "00:00:02"),
            ("Audit__RetentionDays", "0"),
            ("Auth__FreeFailures", "-5"),
            ("Auth__HashIterations", "1000"),
            ("Media__Store", "Cloudinary"),
            ("Cloudinary__RequestSeconds", "0"),
            ("Dashboard__UpdateSeconds", "abc"),
            ("Cluster__GatewayPort", "9464"),
            ("Telemetry__PrometheusPort", "9464"),
            ("Seed__Enabled", "true"),
        ]);

        await silo.FailsWithAsync(
            "ASPNETCORE_HTTP_PORTS: cannot listen on 'http://*:99999': the port must be ",
            "Storage:StartWaitSeconds is '-1' and must be a whole number between 0 and 3600. ",
            "Storage:Federation:AnalyticsPort is '70000' and must be a whole number between 1 and 65535. ",
            "ConnectionStrings:Metadata is no connection string of PostgreSQL",
            "ConnectionStrings:Analytics is missing",
            "ConnectionStrings:AnalyticsReplica is no connection string of PostgreSQL",
            "ConnectionStrings:Orleans is missing",
            "ConnectionStrings:Mongo is no connection string of MongoDB",
            "ConnectionStrings:Redis is no connection string of Redis",
            "Cluster:SiloPort is 'x' and must be a whole number between 0 and 65535. ",
            "Cluster:DrainSeconds is '00:00:02' and must be a whole number between 0 and 60. ",
            "Audit:RetentionDays is '0' and must be a whole number between 1 and 36500. ",
            "Auth:FreeFailures is '-5' and must be a whole number between 0 and 100. ",
            "Auth:HashIterations is '1000' and must be a whole number between ",
            "Media:Store is Cloudinary, and Cloudinary__CloudName, Cloudinary__ApiKey, Cloudinary__ApiSecret is not set. ",
            "Cloudinary:RequestSeconds is '0' and must be a whole number between 1 and 600. ",
            "Dashboard:UpdateSeconds is 'abc' and must be a whole number between 1 and 3600. ",
            "Telemetry:PrometheusPort 9464 is a port of Cluster:GatewayPort too. ",
            "Seed:Enabled: demo data is made in Development only");
        Assert.DoesNotContain(silo.Output.Concat(silo.Errors), line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Front_in_client_mode_names_what_it_reads_itself()
    {
        await using var front = new FrontProcess(
        [
            ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("Storage__Family", "Servers"),
            ("ConnectionStrings__Orleans", Nowhere),
            ("Cluster__ConnectSeconds", "soon"),
            ("Auth__AccessPollMilliseconds", "1"),
            ("Dashboard__UpdateSeconds", "-1"),
        ]);

        await front.FailsWithAsync(
            "Cluster:ConnectSeconds is 'soon' and must be a whole number between 0 and 3600. ",
            "Auth:AccessPollMilliseconds is '1' and must be a whole number between 50 and 30000. ",
            "Auth:SigningKey is missing",
            "Media:SigningKey is missing",
            "Media:PublicBaseUrl is missing",
            "Dashboard:UpdateSeconds is '-1' and must be a whole number between 1 and 3600. ");
    }

    [Fact]
    public async Task Command_that_makes_an_administrator_names_them_too()
    {
        await using var command = ServerProcess.StartCommand(
            "create-admin", folder.Path, LoopbackPort.Take(), ("Auth__FreeFailures", "-5"), ("Auth__HashIterations", "1000"));

        await command.FailsWithAsync("Auth:FreeFailures is '-5'", "Auth:HashIterations is '1000'");
    }
}
