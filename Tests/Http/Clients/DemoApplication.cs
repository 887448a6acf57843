using Microsoft.Extensions.Hosting;

namespace Streaming.Tests.Http.Clients;

/// <summary>The program as somebody meets it who has just started it: in Development, with as much demo data as there is by default.</summary>
public sealed class DemoApplication() : StreamingApplication(Environments.Development, ("Seed:Titles", "50"));
