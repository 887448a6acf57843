using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Streaming.Silo;
using Streaming.Silo.Commands;
using Streaming.Users;

namespace Streaming.WebFront.Users;

/// <summary>The command that makes an administrator, on the operator's own machine: without HTTP, in the same cluster or data folder.</summary>
internal static class CreateAdministrator
{
    private const string Name = "create-admin";
    private const string EmailVariable = "STREAMING_ADMIN_EMAIL";
    private const string PasswordVariable = "STREAMING_ADMIN_PASSWORD";
    private const string Username = "Administrator";

    /// <summary>A prompt hears no token; and the silo in it stops by the signals of its host.</summary>
    public static readonly ProgramCommand Command = new(
        Name, [], "makes an administrator: asks for e-mail and password", (arguments, _) => RunAsync(arguments.Settings), IsStopped: false);

    /// <exception cref="StartupException">The administrator was not made.</exception>
    private static async Task RunAsync(string[] args)
    {
        var builder = StreamingProgram.CreateBuilder(args);
        builder.CheckClusterSettings();
        var options = builder.Configuration.Read<AccountOptions>(AccountOptions.Section);
        var registration = Ask(options);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.AddStreamingCluster();
        builder.Services.AddSingleton<IServer, NoServer>();

        var app = builder.Build();
        if (!await app.TryStartAsync())
            throw new StartupException("It was told to stop, and no administrator was made.");

        try
        {
            await AddAsync(app.Services.GetRequiredService<IGrainFactory>(), registration);
        }
        catch (StartupException)
        {
            // What the operator has to know is why there is no administrator, and not how the program ended then.
            await app.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await app.StopAsync();
        await app.DisposeAsync();
        Console.WriteLine("The administrator was made and can log in.");
    }

    private static async Task AddAsync(IGrainFactory grains, Registration registration)
    {
        RegisterResult result;
        try
        {
            result = await grains.GetGrain<IAccountsGrain>(0).AddAdministratorAsync(registration);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException or StoreRefusedException or StoreUnavailableException)
        {
            throw new StartupException($"The administrator was not made, or it is unknown whether it was: {e.Message}", e);
        }

        if (result.Status == RegisterStatus.EmailTaken)
            throw new StartupException("This e-mail has an account already. An administrator can give it the role; this command does not.");

        if (result.Status == RegisterStatus.Busy)
            throw new StartupException("Too many passwords wait to be hashed. Try again soon.");
    }

    private static Registration Ask(AccountOptions options)
    {
        var email = Environment.GetEnvironmentVariable(EmailVariable);
        var password = Environment.GetEnvironmentVariable(PasswordVariable);
        if (string.IsNullOrEmpty(email) || string.IsNullOrEmpty(password))
        {
            if (Console.IsInputRedirected)
                throw new StartupException($"Run {Name} on a terminal, or set {EmailVariable} and {PasswordVariable}.");

            Console.Write("E-mail: ");
            email = Console.ReadLine()?.Trim() ?? "";
            password = ReadHidden("Password: ");
            if (password != ReadHidden("Password again: "))
                throw new StartupException("The two passwords differ.");
        }

        if (!EmailAddress.TryRead(email, out var address))
            throw new StartupException("The e-mail is none.");

        return PasswordRules.Refuse(password, address, options.MinPasswordLength) is { } reason
            ? throw new StartupException($"The password {reason}")
            : new Registration(address, password, Username);
    }

    private static string ReadHidden(string prompt)
    {
        Console.Write(prompt);
        var text = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar) && text.Length <= PasswordRules.MaxLength)
                text.Append(key.KeyChar);
        }

        Console.WriteLine();
        return text.ToString();
    }

    /// <summary>Listens nowhere.</summary>
    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
