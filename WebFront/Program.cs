using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Streaming;
using Streaming.Silo;
using Streaming.WebFront;
using Streaming.WebFront.Content;
using Streaming.WebFront.Documentation;
using Streaming.WebFront.Reviews;
using Streaming.WebFront.Users;
using Streaming.WebFront.Viewing;

try
{
    // Slim: without host filtering and hosting startups, which cost every request and are not used here.
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        // Settings lie beside the program, wherever it is started; watching them would cost at every write under ./data.
        Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
        ContentRootPath = AppContext.BaseDirectory,
    });
    var listeners = builder.UseConfiguredUrls();
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.AddStreamingSilo();
    builder.AddStreamingFront(listeners);

    await using var app = builder.Build();
    Listeners.CheckFree(app.Services.GetRequiredService<IServer>(), listeners);
    app.UseStreamingFront();
    app.MapHomePage();
    app.MapDocumentation();
    app.MapContent();
    app.MapTrending();
    app.MapReviews();
    app.MapViews();
    app.MapViewBatches();
    app.MapUsers();
    app.MapProgress();

    await app.StartAsync();
    app.Announce();
    await app.WaitForShutdownAsync();
    return Environment.ExitCode;
}
catch (Exception e) when (e is StartupException or OptionsValidationException or InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" })
{
    // Each of them names in its message what to correct.
    Console.Error.WriteLine(e.Message);
    return 1;
}
