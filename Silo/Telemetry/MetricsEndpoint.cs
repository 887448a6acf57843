using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Streaming.Silo.Telemetry;

/// <summary>
/// Answers <c>/metrics</c>, on a server of its own: no route, header or setting of the public one leads here, its limits hold for scrapes
/// alone, and scrapes are no requests in its metrics. It listens for as long as the program's services run.
/// </summary>
internal sealed class MetricsEndpoint : IHostedService, IDisposable
{
    public const string Path = "/metrics";

    private const int MaxConnections = 16;
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    private readonly KestrelServer server;
    private readonly IPEndPoint endPoint;
    private readonly IServiceProvider services;

    public MetricsEndpoint(IPEndPoint endPoint, IServiceProvider services, ILoggerFactory loggers)
    {
        (this.endPoint, this.services) = (endPoint, services);
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Listen(endPoint);
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.RequestHeadersTimeout = HeaderTimeout;
        server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>Why it cannot be listened on; null where it can.</summary>
    public static string? FindTaken(IPEndPoint endPoint) => Listeners.FindTaken(endPoint, $"http://{endPoint}{Path}", "Telemetry__PrometheusPort");

    /// <exception cref="StartupException">It cannot listen there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(
            services.GetRequiredService<MeterProvider>(), predicate: context => context.Request.Path == Path, path: null, configureBranchedPipeline: null, optionsName: null);
        // What no branch takes is answered 404.
        try
        {
            await server.StartAsync(new Scrapes(pipeline.Build()), cancellationToken);
        }
        catch (IOException e)
        {
            throw new StartupException($"Cannot listen on {endPoint}: {e.Message} Choose another port with Telemetry__PrometheusPort.", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    private sealed class Scrapes(RequestDelegate pipeline) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => pipeline(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
