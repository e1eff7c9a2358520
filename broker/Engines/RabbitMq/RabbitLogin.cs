using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.RabbitMq;

/// <summary>Tries a user's login over AMQP, as an application would: the management API lets few users in.</summary>
internal static class RabbitLogin
{
    public static async Task TryAsync(
        AccountConnection to, string virtualHost, AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(
                to, virtualHost, name, Encoding.ASCII.GetString(password.Span), cancellationToken);
            await connection.CloseAsync(cancellationToken);
        }
        catch (BrokerUnreachableException e)
        {
            var what = $"RabbitMQ at {to.Where} did not let {name} in";
            throw e.InnerException is AuthenticationFailureException or PossibleAuthenticationFailureException or OperationInterruptedException
                ? new AccountServerRefusedException($"{what}: {ForeignText.Clean(e.InnerException.Message)}", e)
                : new AccountServerUnreachableException($"{what}: {ForeignText.Clean(e.GetBaseException().Message)}", e);
        }
        catch (RabbitMQClientException e)
        {
            throw new AccountServerUnreachableException(
                $"RabbitMQ at {to.Where} did not let {name} in: {ForeignText.Clean(e.Message)}", e);
        }
    }

    /// <exception cref="BrokerUnreachableException">For whatever reason.</exception>
    public static Task<IConnection> OpenAsync(
        AccountConnection to, string virtualHost, AccountName name, string password, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = to.Host,
            Port = to.Port,
            VirtualHost = virtualHost,
            UserName = name.Value,
            Password = password,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = to.Timeout,
            ContinuationTimeout = to.Timeout,
        };
        if (to.Tls)
        {
            factory.Ssl = new SslOption(to.Host, enabled: true);
            if (to.CaFile is { } file)
            {
                factory.Ssl.CertificateValidationCallback = (_, certificate, _, errors) =>
                    certificate is not null && ServerTrust.IsTrusted(file, certificate, errors);
            }
        }

        return factory.CreateConnectionAsync(cancellationToken);
    }
}
