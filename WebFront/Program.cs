using Microsoft.AspNetCore.Hosting.Server;
using Streaming.Silo;
using Streaming.Silo.Commands;
using Streaming.Silo.Health;
using Streaming.Silo.Telemetry;
using Streaming.WebFront;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Dashboard;
using Streaming.WebFront.Documentation;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Users;

const string DefaultUrls = "http://localhost:3000";

var line = new CommandLine("Streaming.WebFront",
[
    CreateAdministrator.Command,
    Migrate.With(FrontSettings.CheckOwnStorage),
    CheckConfig.With(DefaultUrls, FrontSettings.CheckFrontSettings),
    Backup.With(FrontSettings.CheckOwnStorage),
    Backup.Restoring(FrontSettings.CheckOwnStorage),
    HealthProbe.Command,
]);
return await StreamingProgram.RunAsync(() => line.RunAsync(args, ServeAsync));

async Task ServeAsync()
{
    var builder = StreamingProgram.CreateBuilder(args);
    var listeners = builder.UseConfiguredUrls(DefaultUrls);
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.CheckFrontSettings(listeners);
    builder.AddStreamingFront(listeners);

    var app = builder.Build();
    app.UseStreamingTelemetry();
    listeners.CheckFree(app.Services.GetRequiredService<IServer>());
    app.UseStreamingFront();
    var routes = app.MapGroup("").AnswersHead();
    routes.MapHomePage();
    routes.MapGroup("").IsPublic().WithRateLimit(RateLimit.None).MapHealth();
    app.MapDocumentation(routes);
    routes.MapStreamingApi();
    routes.MapStreamingDashboard();
    app.CheckPolicies();

    await app.ServeAsync(app.Announce);
}
