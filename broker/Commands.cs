using System.CommandLine;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using SidecarAgent.Broker.Api;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.KeyServices;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker;

/// <summary>The command line. Exit codes: 0 done, 1 failed (one line on stderr says why), 2 bad configuration.</summary>
internal static class Commands
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int BadConfiguration = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var config = new Option<string>("--config")
        {
            Description = "The broker's configuration, a YAML file.",
            Required = true,
        };
        var ifMissing = new Option<bool>("--if-missing") { Description = "Leave a key that is already there as it is." };
        var keyFile = new Argument<string?>("FILE")
        {
            Description = "The key file to create; it must not exist.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var keyConfig = new Option<string?>("--config")
        {
            Description = "Make the key in the PKCS#11 token that this configuration names.",
        };

        var run = new Command("run", "Serve until SIGTERM.") { config };
        run.SetAction((parsed, cancel) => GuardAsync(() => ServeAsync(parsed.GetRequiredValue(config), cancel)));
        var check = new Command("check", "Say what is wrong with the configuration, its policies, key and certificate.")
        {
            config,
        };
        check.SetAction(parsed => GuardAsync(() => Task.FromResult(Check(parsed.GetRequiredValue(config)))));
        var initKey = new Command("init-key", "Create a key-encryption key, in a file or in a token.") { keyFile, keyConfig, ifMissing };
        initKey.Validators.Add(parsed =>
        {
            if (parsed.GetValue(keyFile) is null == parsed.GetValue(keyConfig) is null)
                parsed.AddError("Give either FILE, or --config for a key in a token.");
        });
        initKey.SetAction((parsed, cancel) => GuardAsync(() => parsed.GetValue(keyFile) is { } file
            ? Task.FromResult(InitKey(file, parsed.GetValue(ifMissing)))
            : InitTokenKeyAsync(parsed.GetRequiredValue(keyConfig)!, cancel)));
        var auditKeyFile = new Argument<string>("FILE") { Description = "The key file to create; beside it FILE.pub. Neither may exist." };
        var initAuditKey = new Command("init-audit-key", "Create a key that signs the audit log, and its public half.") { auditKeyFile };
        initAuditKey.SetAction(parsed => GuardAsync(() => Task.FromResult(InitAuditKey(parsed.GetRequiredValue(auditKeyFile)))));
        var backup = new Command("backup", "Copy the database, also while the broker runs, and check the copy.") { config, BackupCommand.To };
        backup.SetAction((parsed, cancel) => GuardAsync(() => BackupCommand.RunAsync(
            BrokerOptions.Load(parsed.GetRequiredValue(config)), parsed.GetRequiredValue(BackupCommand.To), TimeProvider.System, cancel)));
        var version = new Command("version", "Print the version.");
        version.SetAction(_ => Console.WriteLine(Version()));

        var root = new RootCommand("Keeps secrets and gives them to workloads.") { run, check, backup, initKey, initAuditKey, version };
        var line = root.Parse(args);

        // The host handles the signals itself, and takes longer than the two seconds that would be left to it here.
        var code = await line.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return line.Errors.Count > 0 ? BadConfiguration : code;
    }

    private static async Task<int> ServeAsync(string file, CancellationToken cancellationToken)
    {
        var options = BrokerOptions.Load(file);
        var server = await BrokerServer.StartAsync(options, TimeProvider.System, Log, connect: null, cancellationToken);
        if (!await server.RunAsync())
        {
            await Console.Error.WriteLineAsync(
                "sidecar-broker: stopped while something was under way that did not end. What it left is repaired at the next start.");
        }

        return Done;
    }

    /// <summary>Says everything that is wrong at once, in the words that <c>run</c> would use.</summary>
    private static int Check(string file)
    {
        var options = BrokerOptions.Load(file);
        var clock = TimeProvider.System;
        var problems = new[]
        {
            Problem(() => _ = new PolicySource(
                options.PolicyDirectory, options.Leases, clock, NullLogger<PolicySource>.Instance)),
            Problem(() => KeyRingFactory.Open(options.Key, clock, NullLoggerFactory.Instance).Dispose()),
            Problem(() => LoadAuditKey(options.Audit)),
            Problem(() => LoadNamesKey(options.Audit)),
            options.Tls.SelfManaged is null
                ? Problem(() => _ = new ServerCertificate(options.Tls, clock, NullLogger<ServerCertificate>.Instance))
                : null,
        }.OfType<string>().ToList();
        problems.ForEach(Console.Error.WriteLine);
        if (problems.Count > 0)
            return BadConfiguration;
        Console.WriteLine($"{file}: good");
        return Done;
    }

    private static void LoadAuditKey(AuditOptions audit)
    {
        if (audit.Checkpoints is { } checkpoints)
            AuditSigner.Load(checkpoints.KeyFile).Dispose();
    }

    private static void LoadNamesKey(AuditOptions audit)
    {
        if (audit.Hash is { } names)
            IdentifierHash.Load(names).Dispose();
    }

    private static int InitKey(string file, bool ifMissing)
    {
        if (ifMissing && File.Exists(file))
        {
            KeyFile.Read(file).Dispose();
            Console.WriteLine($"{file}: a key is there already.");
            return Done;
        }

        KeyFile.Create(file);
        Console.WriteLine($"{file}: created. Keep a copy in a safe: what it encrypts is lost without it.");
        return Done;
    }

    private static async Task<int> InitTokenKeyAsync(string file, CancellationToken cancellationToken)
    {
        if (BrokerOptions.Load(file).Key.Current is not KekOptions.InToken options)
        {
            throw new CannotStartException(
                $"{file} names no key.pkcs11. A key file is made with: sidecar-broker init-key FILE; a KMS makes its own.");
        }

        using var module = Pkcs11Module.Load(options.Module, TimeProvider.System);
        var token = new Pkcs11Token(options);
        if (!await module.UseAsync(token.MakeKey, cancellationToken))
            throw new CannotStartException($"The token {options.TokenLabel} has a key labelled {options.KeyLabel} already. Nothing was made.");
        Console.WriteLine($"token {options.TokenLabel}: key {options.KeyLabel} created. Back the token up: without it every stored secret is lost.");
        return Done;
    }

    private static int InitAuditKey(string file)
    {
        AuditSigner.Create(file);
        Console.WriteLine($"{file}: created. Give {file}.pub to whoever verifies the audit log.");
        return Done;
    }

    private static string? Problem(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return e.Message;
        }
    }

    private static async Task<int> GuardAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception e) when (IsExpected(e))
        {
            if (e is InvalidYamlException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return BadConfiguration;
            }

            await Console.Error.WriteLineAsync($"sidecar-broker: {e.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
    }

    /// <summary>The message of such an error is what its reader needs; of any other, the stack is.</summary>
    private static bool IsExpected(Exception e) =>
        e is InvalidYamlException or CannotStartException or KeyUnavailableException or TokenGoneException or IOException or UnauthorizedAccessException;

    private static void Log(ILoggingBuilder logging) => logging
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Grpc", LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });

    private static string Version() =>
        typeof(Commands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
