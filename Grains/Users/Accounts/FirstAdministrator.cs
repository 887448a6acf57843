using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Users;

/// <summary>Makes the administrator that the configuration names, once the silo works. Every silo may try: the store lets one of them.</summary>
internal sealed partial class FirstAdministrator(
    IOptions<FirstAdministratorOptions> options, IServiceProvider services, ILogger<FirstAdministrator> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const string Username = "Administrator";

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(FirstAdministrator), ServiceLifecycleStage.Active, AddAsync);

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        if (options.Value is not { Email: { Length: > 0 } email, Password: { Length: > 0 } password })
            return;

        try
        {
            // Here and not in the constructor: hashing has threads that a silo without log-ins need not have.
            var hash = await services.GetRequiredService<PasswordHashing>().HashAsync(password, cancellationToken)
                ?? throw new TimeoutException("No thread was free to hash a password.");
            var account = new Registration(email, password, Username).ToAccount(AccountRole.Admin, hash);
            var status = await services.GetRequiredService<IAccountStore>().AddFirstAdministratorAsync(account, cancellationToken);
            if (status == FirstAdministratorStatus.Added)
                LogAdded(logger, account.UserId);
            else if (status == FirstAdministratorStatus.EmailTaken)
                LogEmailTaken(logger);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAdded(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Information, "The first administrator was added, as the configuration says: account {UserId}.")]
    private static partial void LogAdded(ILogger logger, Guid userId);

    [LoggerMessage(LogLevel.Error, "There is no administrator, and the one that the configuration names was not added: the e-mail has an account already, and an account is never promoted. Name another one.")]
    private static partial void LogEmailTaken(ILogger logger);

    [LoggerMessage(LogLevel.Error, "It is unknown whether there is an administrator, and the one that the configuration names was not added; the next start tries again.")]
    private static partial void LogNotAdded(ILogger logger, Exception exception);
}
