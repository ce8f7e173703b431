// SPDX-License-Identifier: Apache-2.0
package peer;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.config.HibernatePropertiesProvider;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.dao.FulltextSearchSvcImpl;
import ca.uhn.fhir.jpa.dao.IFulltextSearchSvc;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirPostgresDialect;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.interceptor.consent.ConsentInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.IInstanceValidatorModule;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.hibernate.dialect.Dialect;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * HAPI FHIR JPA on a PostgreSQL that is given, in Jetty, with what costs time and is not asked for switched off.
 *
 * <p>Arguments: a port, the URL of the database for JDBC, {@code validating}, {@code trusting} or {@code recording}. Prints {@code ready} when it answers.
 */
public final class Peer {
    // A request may want a second connection while it holds one: with fewer than twice the threads they starve each other.
    private static final int CONNECTIONS = 60;
    private static final int THREADS = 24;

    private Peer() {}

    public static void main(String[] given) throws Exception {
        System.setProperty("peer.database", given[1]);
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Beans.class);
        RestfulServer fhir = new RestfulServer(context.getBean(FhirContext.class));
        fhir.registerProviders(context.getBean(ResourceProviderFactory.class).createProviders());
        fhir.registerProvider(context.getBean(IJpaSystemProvider.class));
        fhir.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
        fhir.setDefaultResponseEncoding(EncodingEnum.JSON);
        fhir.setDefaultPrettyPrint(false);
        if (given[2].equals("validating")) {
            RequestValidatingInterceptor checks = new RequestValidatingInterceptor();
            // All is checked; it calls something in our made-up resources an error (why was not looked into), which must not refuse what ours takes.
            checks.setFailOnSeverity(ResultSeverityEnum.FATAL);
            checks.setValidatorModules(List.of(context.getBean(IInstanceValidatorModule.class)));
            checks.setAddResponseOutcomeHeaderOnSeverity(null);
            fhir.registerInterceptor(checks);
        }
        if (given[2].equals("recording")) {
            fhir.registerInterceptor(new Duties.Token());
            fhir.registerInterceptor(new ConsentInterceptor(new Duties.Denials()));
            fhir.registerInterceptor(new Duties.Record(context.getBean(DataSource.class)));
        }
        Server server = new Server(new QueuedThreadPool(THREADS));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(given[0]));
        server.addConnector(connector);
        ServletContextHandler pages = new ServletContextHandler("/");
        ServletHolder holder = new ServletHolder(fhir);
        holder.setInitOrder(1);
        pages.addServlet(holder, "/fhir/*");
        server.setHandler(pages);
        server.start();
        System.out.println("ready");
        server.join();
    }

    /** What HAPI asks a server to decide. */
    @Configuration
    @Import({
        JpaR4Config.class,
        JpaBatch2Config.class,
        Batch2JobsConfig.class,
        ThreadPoolFactoryConfig.class,
        SubscriptionChannelConfig.class
    })
    public static class Beans {
        @Bean
        public JpaStorageSettings storageSettings() {
            JpaStorageSettings settings = new JpaStorageSettings();
            // As the exchange does: any identifier of a caller, no look whether what is pointed at is there.
            settings.setResourceServerIdStrategy(JpaStorageSettings.IdStrategyEnum.UUID);
            settings.setEnforceReferentialIntegrityOnWrite(false);
            settings.setEnforceReferentialIntegrityOnDelete(false);
            // An answer is of now; the saved one of a minute ago would be another thing.
            settings.setReuseCachedSearchResultsForMillis(null);
            // A first page is read without counting what follows it.
            settings.setSearchPreFetchThresholds(List.of(21, 503, 2003, -1));
            settings.setMatchUrlCacheEnabled(true);
            settings.setIndexMissingFields(JpaStorageSettings.IndexEnabledEnum.DISABLED);
            settings.setIndexStorageOptimized(true);
            settings.setStoreMetaSourceInformation(JpaStorageSettings.StoreMetaSourceInformationEnum.NONE);
            settings.setPreExpandValueSets(false);
            settings.setEnableTaskPreExpandValueSets(false);
            settings.setSchedulingDisabled(true);
            settings.setMarkResourcesForReindexingUponSearchParameterChange(false);
            return settings;
        }

        @Bean
        public PartitionSettings partitionSettings() {
            return new PartitionSettings();
        }

        @Bean
        public SubscriptionSettings subscriptionSettings() {
            return new SubscriptionSettings();
        }

        @Bean
        public DataSource dataSource() {
            HikariDataSource source = new HikariDataSource();
            source.setJdbcUrl(System.getProperty("peer.database"));
            source.setMaximumPoolSize(CONNECTIONS);
            source.setMinimumIdle(CONNECTIONS);
            source.setAutoCommit(false);
            return source;
        }

        @Bean
        @Primary
        public LocalContainerEntityManagerFactoryBean entityManagerFactory(
                DataSource source,
                ConfigurableListableBeanFactory beans,
                FhirContext context,
                JpaStorageSettings settings) {
            LocalContainerEntityManagerFactoryBean made =
                    HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, context, settings);
            Properties properties = new Properties();
            properties.put("hibernate.dialect", HapiFhirPostgresDialect.class.getName());
            properties.put("hibernate.hbm2ddl.auto", "update");
            properties.put("hibernate.jdbc.batch_size", "50");
            properties.put("hibernate.order_inserts", "true");
            properties.put("hibernate.order_updates", "true");
            properties.put("hibernate.cache.use_query_cache", "false");
            properties.put("hibernate.cache.use_second_level_cache", "false");
            properties.put("hibernate.search.enabled", "false");
            properties.put("hibernate.connection.provider_disables_autocommit", "true");
            made.setPersistenceUnitName("HAPI_PU");
            made.setDataSource(source);
            made.setJpaProperties(properties);
            return made;
        }

        @Bean
        @Primary
        public JpaTransactionManager transactionManager(EntityManagerFactory factory) {
            return new JpaTransactionManager(factory);
        }

        @Bean
        @Primary
        public HibernatePropertiesProvider dialect() {
            return new HibernatePropertiesProvider() {
                @Override
                public Dialect getDialect() {
                    return new HapiFhirPostgresDialect();
                }
            };
        }

        @Bean
        public DatabaseBackedPagingProvider pages() {
            DatabaseBackedPagingProvider made = new DatabaseBackedPagingProvider();
            made.setDefaultPageSize(20);
            made.setMaximumPageSize(1000);
            return made;
        }

        @Bean
        public IFulltextSearchSvc fullText() {
            return new FulltextSearchSvcImpl();
        }

        @Bean
        public IStaleSearchDeletingSvc staleSearches() {
            return new StaleSearchDeletingSvcImpl();
        }

        @Bean
        public DaoRegistryResourceSupportedSvc supported(IDaoRegistry registry) {
            return new DaoRegistryResourceSupportedSvc(registry);
        }

        @Bean
        public IHSearchSortHelper sorting(ISearchParamRegistry parameters) {
            return new HSearchSortHelperImpl(parameters);
        }
    }
}
