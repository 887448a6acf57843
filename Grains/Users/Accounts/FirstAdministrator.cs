using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Users;

/// <summary>
/// Makes the administrator that the configuration names, once the silo works: tried at the start, and again and again until there is
/// one. Every silo may try: the store lets one of them.
/// </summary>
internal sealed partial class FirstAdministrator(
    IOptions<FirstAdministratorOptions> options, IServiceProvider services, BackgroundLoops loops, ILogger<FirstAdministrator> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const string Username = "Administrator";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(1);

    private PeriodicLoop? loop;
    private bool isEmailTakenTold;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(FirstAdministrator), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is not { Email: { Length: > 0 } text, Password: { Length: > 0 } password } || !EmailAddress.TryRead(text, out var email))
            return;

        try
        {
            await AddAsync(email, password, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(e);
            var schedule = new LoopSchedule("first_administrator", LastPause) { FirstAfter = FirstPause, FirstPause = FirstPause, EndsWithSuccess = true };
            loop = loops.Create(schedule, ct => AddAsync(email, password, ct), logger, (_, latest) => LogFailed(latest));
            loop.Start();
        }
    }

    private Task StopAsync(CancellationToken cancellationToken) => loop?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Returns when there is an administrator.</summary>
    private async Task AddAsync(string email, string password, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Here and not in the constructor: hashing has threads that a silo without log-ins need not have.
        var hash = await services.GetRequiredService<PasswordHashing>().HashAsync(password, cancellationToken)
            ?? throw new TimeoutException("No thread was free to hash a password.");
        var account = new Registration(email, password, Username).ToAccount(AccountRole.Admin, hash);
        var status = await services.GetRequiredService<IAccountStore>().AddFirstAdministratorAsync(account, cancellationToken);
        if (status == FirstAdministratorStatus.EmailTaken)
            throw new EmailTakenException();

        if (status == FirstAdministratorStatus.Added)
            LogAdded(logger, account.UserId);
    }

    private void LogFailed(Exception e)
    {
        if (e is not EmailTakenException)
            LogNotAdded(logger, e);
        else if (!isEmailTakenTold)
            LogEmailTaken(logger);

        // Once: that is for whoever configures it, and may stay so for days.
        isEmailTakenTold |= e is EmailTakenException;
    }

    private sealed class EmailTakenException() : Exception("The e-mail has an account already.");

    [LoggerMessage(LogLevel.Information, "The first administrator was added, as the configuration says: account {UserId}.")]
    private static partial void LogAdded(ILogger logger, Guid userId);

    [LoggerMessage(LogLevel.Error, "There is no administrator, and the one that the configuration names was not added: the e-mail has an account already, and an account is never promoted. Name another one.")]
    private static partial void LogEmailTaken(ILogger logger);

    [LoggerMessage(LogLevel.Error, "It is unknown whether there is an administrator, and the one that the configuration names was not added; it is tried again.")]
    private static partial void LogNotAdded(ILogger logger, Exception exception);
}
