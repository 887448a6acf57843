using Microsoft.Extensions.Options;

namespace Streaming.Silo;

/// <summary>How both programs begin and end.</summary>
public static class StreamingProgram
{
    /// <summary>
    /// The last line on the console of a program that runs; scripts wait for it.
    /// </summary>
    public const string LastLine = "Press Ctrl-C to stop.";

    /// <summary>Slim: without host filtering and hosting startups, which cost every request and are not used here.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Settings lie beside the program, wherever it is started; watching them would cost at every write under ./data.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
            ContentRootPath = AppContext.BaseDirectory,
        });
        var start = new ProgramStart();
        builder.Services.AddSingleton(start);
        start.Quieten(builder);
        return builder;
    }

    /// <summary>Runs the program; what keeps it from starting is said in one line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<Task> program)
    {
        ProcessPrivacy.Apply();
        try
        {
            await program();
            // A silo that has to end by itself, say because its ledger was taken over, sets it.
            return Environment.ExitCode;
        }
        catch (Exception e) when (e is StartupException or OptionsValidationException || IsUnreadable(e))
        {
            // Each of them names in its message what to correct.
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            foreach (var failure in e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures).Distinct())
                Console.Error.WriteLine(failure);

            return 1;
        }
    }

    /// <summary>Whether it is what the configuration's binder throws, which names the key.</summary>
    internal static bool IsUnreadable(Exception exception) => exception is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };
}
