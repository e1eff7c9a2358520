using SidecarAgent.Webhook;

return await WebhookCommands.RunAsync(args, TimeProvider.System, Console.Out, Console.Error);
