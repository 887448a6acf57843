using Streaming.Storage;
using Streaming.Storage.Operations;

namespace Streaming.Silo.Commands;

/// <summary>The command that brings all databases to the newest schema, say as a job before an upgrade.</summary>
public static class Migrate
{
    /// <param name="check">Looks at the settings.</param>
    public static ProgramCommand With(Action<WebApplicationBuilder> check) => new(
        "migrate", [], "brings all databases to the newest schema", async (arguments, cancellationToken) =>
        {
            var builder = StreamingProgram.CreateBuilder(arguments.Settings);
            check(builder);
            builder.Services.AddStreamingStorage(builder.Configuration);
            await using var services = builder.Services.BuildServiceProvider();
            foreach (var schema in await SchemaMigration.MigrateAsync(services, cancellationToken))
                Console.WriteLine($"{schema.Database}: schema version {schema.From} -> {schema.To}");
        });
}
